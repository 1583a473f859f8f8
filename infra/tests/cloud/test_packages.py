"""The bucket of the functions' packages: bucket owner checks and expiry."""

import unittest
from datetime import timedelta
from unittest.mock import patch

from infra import packages
from infra.stage import Stage

STAGE = Stage.named("test")
PACKAGE = packages.Package("test", b"a package of a test")


class Bucket(unittest.TestCase):
    def setUp(self):
        self.artifacts = packages.Artifacts(STAGE)
        self.requests: list[tuple[str, dict]] = []
        events = self.artifacts._s3.meta.events
        events.register("provide-client-params.s3", lambda params, model, **_: self.requests.append((model.name, params)))
        self.addCleanup(STAGE.client("s3").delete_object, Bucket=self.artifacts.bucket, Key=PACKAGE.key)

    def test_all_requests_require_the_own_account_as_bucket_owner(self):
        self.artifacts.place(PACKAGE)
        account = STAGE.client("sts").get_caller_identity()["Account"]
        self.assertIn("PutObject", [name for name, _ in self.requests])
        for name, params in self.requests:
            self.assertEqual(params.get("ExpectedBucketOwner"), account, name)

    def test_an_old_package_is_uploaded_again(self):
        for recent, uploads in ((packages.RECENT, 1), (packages.RECENT, 0), (timedelta(0), 1)):
            self.requests.clear()
            self.artifacts._present = None
            with patch.object(packages, "RECENT", recent):
                self.artifacts.place(PACKAGE)
            self.assertEqual([name for name, _ in self.requests].count("PutObject"), uploads)

    def test_unused_packages_expire(self):
        self.artifacts.place(PACKAGE)
        (rule,) = STAGE.client("s3").get_bucket_lifecycle_configuration(Bucket=self.artifacts.bucket)["Rules"]
        self.assertEqual((rule["Status"], rule["Expiration"]["Days"]), ("Enabled", packages.KEPT.days))
        self.assertGreater(packages.KEPT, 2 * packages.RECENT)


if __name__ == "__main__":
    unittest.main()
