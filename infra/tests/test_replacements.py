"""What a change of a stack would replace that holds data."""

import copy
import unittest

from infra import templates
from infra.replacements import HOLDS_DATA, create_only, refused

TOLD = {
    "Stage": "somewhere",
    "SiteAddress": "https://photos.example.org",
    "DistributionId": "E1",
    "TableGeneration": "1",
    "Protected": "yes",
    "GoogleClient": "",
    "FacebookClient": "",
    "OidcClient": "",
    "OidcIssuer": "",
    "OidcName": "OpenID",
    "HomePort": "",
}


class Replacements(unittest.TestCase):
    def setUp(self):
        self.before = templates.load("state")
        self.after = copy.deepcopy(self.before)

    def properties(self, name: str) -> dict:
        return self.after["Resources"][name]["Properties"]

    def refused(self, *replaceable: str, **told: str) -> list[str]:
        """The resources that are named."""
        lines = refused(self.before, TOLD, self.after, TOLD | told, frozenset(replaceable))
        return sorted({line.split()[0] for line in lines})

    def test_every_kind_with_data_tells_what_replaces_it(self):
        for kind in HOLDS_DATA:
            self.assertTrue(create_only(kind), kind)
        self.assertIn("/properties/TableName", create_only("AWS::DynamoDB::Table"))

    def test_what_can_change_in_place_may(self):
        self.assertEqual(self.refused(), [])
        self.assertEqual(self.refused(SiteAddress="https://other.example.org", Protected="no", GoogleClient="client"), [])
        self.properties("Table")["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": False}
        self.properties("Originals")["VersioningConfiguration"] = {"Status": "Suspended"}
        self.properties("UserPool")["MfaConfiguration"] = "ON"
        del self.after["Resources"]["SitePolicy"]
        self.assertEqual(self.refused(), [])

    def test_what_cannot_is_refused(self):
        self.properties("Table")["KeySchema"] = [{"AttributeName": "pk", "KeyType": "HASH"}]
        self.properties("Originals")["BucketName"] = "originals"
        self.properties("UserPool")["UsernameAttributes"] = ["email", "phone_number"]
        self.properties("Secret")["GenerateSecretString"] = {"PasswordLength": 64}
        self.assertEqual(self.refused(), ["Originals", "Secret", "Table", "UserPool"])

    def test_a_name_is_what_the_parameters_make_it(self):
        self.assertEqual(self.refused(TableGeneration="2"), ["Table"])
        self.assertEqual(self.refused(Stage="elsewhere"), ["Secret", "Table"])
        self.properties("Table")["TableName"] = {"Fn::Sub": "shoebox-somewhere-${TableGeneration}"}
        self.assertEqual(self.refused(), [], "written otherwise, and the same")

    def test_a_name_behind_a_condition_is_what_holds(self):
        self.properties("Originals")["BucketName"] = {"Fn::If": ["InAws", {"Ref": "AWS::NoValue"}, "at-home"]}
        self.assertEqual(self.refused(), [])
        self.assertEqual(self.refused(HomePort="4566"), ["Originals"])

    def test_what_goes_or_gets_another_name_would_be_left_behind(self):
        resources = self.after["Resources"]
        resources["Pictures"] = resources.pop("Media")
        resources["Site"]["Condition"] = "WithGoogle"
        self.assertEqual(self.refused(), ["Media", "Site"])

    def test_a_table_may_be_replaced_where_that_is_asked_for(self):
        self.assertEqual(self.refused("Table", TableGeneration="2"), [])


if __name__ == "__main__":
    unittest.main()
