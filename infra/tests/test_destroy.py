"""Destroying a stage: what is deleted, in which order, and what belongs to other stages."""

import io
import unittest
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

from botocore.exceptions import ClientError

from infra import destroy, templates
from infra.stacks import Stack, StackFailed
from infra.stage import STACKS, Stage

STAGE = Stage("a")


class Paged:
    """A client whose paginators give the pages of `pages` by operation."""

    def __init__(self, **pages):
        self.pages, self.calls = pages, []

    def get_paginator(self, operation: str):
        paginator = Paged()
        paginator.paginate = lambda **_: self.pages.get(operation, [{}])
        return paginator

    def __getattr__(self, name: str):
        return lambda **arguments: self.calls.append((name, arguments)) or {}


def quietly(run, *arguments):
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return run(*arguments)


def with_client(client):
    return patch.object(Stage, "client", return_value=client)


class Order(unittest.TestCase):
    def run_destroy(self, data: str, typed: str = "a", existing=frozenset(STACKS)) -> tuple[int, list[str]]:
        order = []
        with (
            patch.object(Stage, "region", "eu-west-1"),
            patch.object(Stage, "client"),
            patch.object(Stack, "parameters", return_value={}),
            patch.object(Stack, "outputs", return_value={}),
            patch.object(Stack, "describe", lambda stack: {"StackStatus": "CREATE_COMPLETE"} if stack.kind in existing else None),
            patch.object(Stack, "unprotect", lambda stack: order.append(f"unprotect {stack.kind}")),
            patch.object(Stack, "delete", lambda stack: order.append(stack.kind)),
            patch.object(destroy, "buckets", side_effect=lambda _, kind, *names: [f"{kind}-{name}" for name in names]),
            patch.object(destroy, "delete_bucket", side_effect=lambda _, bucket, *region: order.append(bucket)),
            patch.object(destroy, "delete_tables", side_effect=lambda _: order.append("tables")),
            patch.object(destroy, "delete_pools", side_effect=lambda _: order.append("pools")),
            patch.object(destroy, "delete_secret", side_effect=lambda _: order.append("secret")),
            patch.object(destroy.distribution, "delete_certificates", return_value=0),
            patch.object(destroy, "_other_stages", return_value=["shoebox-b-state"]),
            patch.object(destroy, "delete_edge_functions", side_effect=lambda _: order.append("edge functions") or []),
            patch("builtins.input", return_value=typed),
        ):
            return quietly(destroy.main, ["a", "--data", data]), order

    def test_data_is_kept_or_deleted_as_told(self):
        code, kept = self.run_destroy("keep")
        self.assertEqual(code, 0)
        self.assertEqual(sorted(kept), sorted([*(kind for kind in STACKS if kind != "state"), "edge-accesslogsbucket", "edge functions"]))
        _, deleted = self.run_destroy("delete")
        data = ["unprotect state", "state", "state-media", "state-originals", "state-site", "tables", "pools", "secret", "edge functions"]
        self.assertEqual(deleted, kept[:-1] + data, "state and its data last")
        self.assertEqual(kept[:2], ["watch", "edge"], "no alarms meanwhile")
        self.assertLess(kept.index("edge"), kept.index("edge-accesslogsbucket"), "CloudFront writes no more logs")

    def test_an_interrupted_run_continues(self):
        _, order = self.run_destroy("delete", existing=frozenset())
        self.assertFalse(set(STACKS) & set(order))
        self.assertLess({"state-originals", "tables", "pools", "secret"}, set(order))

    def test_without_the_stage_s_name_nothing_is_deleted(self):
        for typed in ("", "b", "A"):
            self.assertEqual(self.run_destroy("delete", typed), (1, []))
        with redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            destroy.parsed(["a"])

    def test_a_stage_of_another_region_is_refused(self):
        with (
            patch.object(Stage, "region", "eu-west-1"),
            patch.object(Stage, "client"),
            patch.object(Stack, "parameters", return_value={"StageRegion": "eu-north-1"}),
            patch.object(Stack, "delete") as deleted,
            self.assertRaisesRegex(StackFailed, "AWS_REGION=eu-north-1"),
        ):
            destroy.destroy(STAGE, True)
        deleted.assert_not_called()


class Names(unittest.TestCase):
    def test_other_stages_keep_their_buckets_and_tables(self):
        ours = [f"shoebox-a-state-{name}-1x2y3z" for name in ("originals", "media", "site")]
        others = ["shoebox-b-state-media-1x", "shoebox-a-state-state-media-1x", "shoebox-a-b-state-media-1x", "shoebox-artifacts-1-eu-west-1", "photos"]
        client = Paged()
        client.list_buckets = lambda: {"Buckets": [{"Name": name} for name in [*others, *ours]]}
        with with_client(client):
            self.assertEqual(destroy.buckets(STAGE, "state", "originals", "media", "site"), ours)
        names = ["shoebox-a-1", "shoebox-a-12", "shoebox-a-1-1", "shoebox-ab-1", "shoebox-a-", "other"]
        with with_client(Paged(list_tables=[{"TableNames": names}])):
            self.assertEqual(destroy.tables(STAGE), ["shoebox-a-1", "shoebox-a-12"])

    def test_each_retained_resource_is_deleted_or_shared(self):
        retained = {
            resource["Type"]: name
            for kind in STACKS
            for name, resource in templates.load(kind)["Resources"].items()
            if resource.get("DeletionPolicy") == "Retain"
        }
        deleted = {"AWS::Cognito::UserPool", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
        edge = {"AWS::Lambda::Function", "AWS::Lambda::Version"}
        # SES identities and their records may be used by other stages, and are free.
        self.assertEqual(set(retained) - deleted - edge, {"AWS::SES::EmailIdentity", "AWS::Route53::RecordSetGroup"})


class Buckets(unittest.TestCase):
    def test_all_versions_markers_and_uploads_are_deleted(self):
        versions = [{"Versions": [{"Key": "k", "VersionId": "1"}, {"Key": "k", "VersionId": "2"}]}, {"DeleteMarkers": [{"Key": "k", "VersionId": "3"}]}, {}]
        s3 = Paged(list_object_versions=versions, list_multipart_uploads=[{"Uploads": [{"Key": "u", "UploadId": "4"}]}])
        with with_client(s3):
            quietly(destroy.delete_bucket, STAGE, "b")
        self.assertEqual([name for name, _ in s3.calls], ["abort_multipart_upload", "delete_objects", "delete_objects", "delete_bucket"])
        gone = [one["VersionId"] for name, arguments in s3.calls if name == "delete_objects" for one in arguments["Delete"]["Objects"]]
        self.assertEqual(gone, ["1", "2", "3"])

    def test_a_bucket_that_cannot_be_emptied_is_reported(self):
        s3 = Paged(list_object_versions=[{"Versions": [{"Key": "k", "VersionId": "1"}]}])
        s3.delete_objects = lambda **_: {"Errors": [{"Key": "k", "Message": "Access Denied"}]}
        with with_client(s3), self.assertRaisesRegex(StackFailed, "b cannot be emptied: k: Access Denied"):
            quietly(destroy.delete_bucket, STAGE, "b")
        self.assertEqual(s3.calls, [])

    def test_a_deleted_bucket_is_no_error(self):
        s3 = Paged()
        s3.get_paginator = lambda _: (_ for _ in ()).throw(ClientError({"Error": {"Code": "NoSuchBucket"}}, "ListMultipartUploads"))
        with with_client(s3):
            quietly(destroy.delete_bucket, STAGE, "b")


class EdgeFunctions(unittest.TestCase):
    def test_a_function_with_replicas_is_left_for_later(self):
        names = ["shoebox-a-edge-FormatFallbackFunction-1", "shoebox-a-edge-FormatFallbackFunction-2", "shoebox-a-web", "shoebox-b-edge-FormatFallbackFunction-1"]
        client = Paged(list_functions=[{"Functions": [{"FunctionName": name} for name in names]}])
        deleted = []

        def delete_function(FunctionName: str):
            if FunctionName.endswith("-1"):
                message = "Lambda was unable to delete it because it is a replicated function."
                raise ClientError({"Error": {"Code": "InvalidParameterValueException", "Message": message}}, "DeleteFunction")
            deleted.append(FunctionName)

        client.delete_function = delete_function
        with with_client(client):
            self.assertEqual(destroy.delete_edge_functions(STAGE), names[:1])
        self.assertEqual(deleted, names[1:2])


if __name__ == "__main__":
    unittest.main()
