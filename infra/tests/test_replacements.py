"""Updates that would replace or remove resources with data."""

import copy
import unittest

from infra import templates
from infra.replacements import HOLDS_DATA, create_only, refused

PARAMETERS = {
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

    def refused(self, *replaceable: str, **parameters: str) -> list[str]:
        """The refused resources' logical ids."""
        lines = refused(self.before, PARAMETERS, self.after, PARAMETERS | parameters, frozenset(replaceable))
        return sorted({line.split()[0] for line in lines})

    def test_every_type_with_data_has_create_only_properties(self):
        for kind in HOLDS_DATA:
            self.assertTrue(create_only(kind), kind)
        self.assertIn("/properties/TableName", create_only("AWS::DynamoDB::Table"))

    def test_changes_in_place_are_allowed(self):
        self.assertEqual(self.refused(), [])
        self.assertEqual(self.refused(SiteAddress="https://other.example.org", Protected="no", GoogleClient="client"), [])
        self.properties("Table")["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": False}
        self.properties("Originals")["VersioningConfiguration"] = {"Status": "Suspended"}
        self.properties("UserPool")["MfaConfiguration"] = "ON"
        del self.after["Resources"]["SitePolicy"]
        self.assertEqual(self.refused(), [])

    def test_replacements_are_refused(self):
        self.properties("Table")["KeySchema"] = [{"AttributeName": "pk", "KeyType": "HASH"}]
        self.properties("Originals")["BucketName"] = "originals"
        self.properties("UserPool")["UsernameAttributes"] = ["email", "phone_number"]
        self.properties("Secret")["GenerateSecretString"] = {"PasswordLength": 64}
        self.assertEqual(self.refused(), ["Originals", "Secret", "Table", "UserPool"])

    def test_names_are_compared_with_parameters_inserted(self):
        self.assertEqual(self.refused(TableGeneration="2"), ["Table"])
        self.assertEqual(self.refused(Stage="elsewhere"), ["Secret", "Table"])
        self.properties("Table")["TableName"] = {"Fn::Sub": "shoebox-somewhere-${TableGeneration}"}
        self.assertEqual(self.refused(), [], "another expression with the same value")

    def test_conditions_are_evaluated(self):
        self.properties("Originals")["BucketName"] = {"Fn::If": ["InAws", {"Ref": "AWS::NoValue"}, "local"]}
        self.assertEqual(self.refused(), [])
        self.assertEqual(self.refused(HomePort="4566"), ["Originals"])

    def test_removals_and_renames_are_refused(self):
        resources = self.after["Resources"]
        resources["Pictures"] = resources.pop("Media")
        resources["Site"]["Condition"] = "WithGoogle"
        self.assertEqual(self.refused(), ["Media", "Site"])

    def test_a_replaceable_table_may_be_replaced(self):
        self.assertEqual(self.refused("Table", TableGeneration="2"), [])


if __name__ == "__main__":
    unittest.main()
