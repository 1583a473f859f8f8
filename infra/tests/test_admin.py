"""The environment of the operator's program."""

import unittest
from unittest.mock import patch

from botocore.credentials import Credentials

from infra import admin, functions
from infra.stage import Stage

HOME = Stage("home", 4566)
AWAY = Stage("somewhere")


class Environment(unittest.TestCase):
    def away(self, credentials: Credentials | None) -> dict[str, str]:
        with patch("boto3.session.Session") as session:
            session.return_value.get_credentials.return_value = credentials
            session.return_value.region_name = "eu-central-1"
            return admin.environment(AWAY)

    def test_at_home_it_finds_the_local_cloud(self):
        environment = admin.environment(HOME)
        self.assertEqual((environment["SHOEBOX_STAGE"], environment["AWS_ENDPOINT_URL"]), ("home", HOME.endpoint))

    def test_in_aws_it_has_the_credentials_that_deploys_use(self):
        expected = {"SHOEBOX_STAGE": "somewhere", "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        self.assertEqual(self.away(Credentials("a", "b")), expected)
        self.assertEqual(self.away(Credentials("a", "b", "c")), expected | {"AWS_SESSION_TOKEN": "c"})
        with self.assertRaises(SystemExit):
            self.away(None)

    def test_it_is_no_function(self):
        self.assertNotIn("admin", functions.ALL)


if __name__ == "__main__":
    unittest.main()
