"""Each stack can be deployed, rolled back and deleted separately; tested on a local cloud of its own."""

import io
import threading
import unittest
from contextlib import redirect_stdout

from infra import check, deploy, destroy, secret, sender, templates
from infra.local import cloud, seed
from infra.local.broken import broken
from infra.stack_parameters import StageStacks
from infra.stacks import Stack, StackFailed
from infra.stage import STACKS, Stage

STAGE = Stage("stacks", Stage.named("test").port + 1000)
SERVICES = [kind for kind in STACKS if kind != "state"]


def begin() -> None:
    """Starts a new local cloud with only the first stack."""
    cloud.forget(STAGE)
    cloud.start(STAGE)
    deploy_alone("state")


def deploy_alone(kind: str, *options: str) -> None:
    deploy_with("--only", kind, *options)


def deploy_with(*options: str) -> None:
    with redirect_stdout(io.StringIO()):
        deploy.deploy(STAGE, deploy.parsed([STAGE.name, *options]))


class Moved(Stage):
    """The stage, as if in another region."""

    region = "eu-north-1"


def forget_senders() -> None:
    ses = STAGE.client("sesv2")
    for identity in ses.list_email_identities()["EmailIdentities"]:
        ses.delete_email_identity(EmailIdentity=identity["IdentityName"])


def tearDownModule():
    cloud.forget(STAGE)


class AnyOrder(unittest.TestCase):
    def deploy_in_order(self, kinds: list[str]) -> None:
        begin()
        for kind in kinds:
            deploy_alone(kind)
        check.run(STAGE, StageStacks(STAGE).outputs)
        self.assertEqual(StageStacks(STAGE).propagate(), [], "all parameters are up to date")

    def test_default_order(self):
        self.deploy_in_order(SERVICES)

    def test_reversed(self):
        self.deploy_in_order(SERVICES[::-1])

    def test_from_the_middle(self):
        middle = len(SERVICES) // 2
        self.deploy_in_order(SERVICES[middle:] + SERVICES[:middle])


class Alone(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        begin()
        for kind in SERVICES:
            deploy_alone(kind)

    def assert_responds(self):
        """Sends a POST, which `web` accepts only with the site's current address as the origin."""
        self.assertEqual(seed.Visitor(STAGE.setting("site-address")).form("accounts/me"), "null")

    def test_a_failing_update_is_rolled_back(self):
        for kind in STACKS:
            with self.subTest(kind):
                stack = Stack(STAGE, kind)
                before = snapshot(stack)
                with self.assertRaisesRegex(StackFailed, "UPDATE_ROLLBACK_COMPLETE(?s:.*)Refused"):
                    stack.deploy(broken(stack.template()), CHANGED)
                self.assertEqual(stack.describe()["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
                self.assertEqual(snapshot(stack), before)
                self.assert_responds()
        check.run(STAGE, StageStacks(STAGE).outputs)

    def test_resources_with_data_are_not_replaced(self):
        stack = Stack(STAGE, "state")
        before = snapshot(stack)
        changes = {
            "Table": {"TableName": "another"},
            "Originals": {"BucketName": "another"},
            "Media": None,
            "UserPool": {"UsernameAttributes": ["phone_number"]},
            "Secret": {"Name": "another"},
        }
        for name, changed in changes.items():
            with self.subTest(name), self.assertRaisesRegex(StackFailed, f"{name} has data"):
                stack.deploy(with_properties(stack.template(), name, changed), {})
        with self.assertRaisesRegex(StackFailed, "Table has data"):
            stack.deploy(stack.template(), {"TableGeneration": "99"})
        self.assertEqual(snapshot(stack), before)

    def test_a_deleted_stack_can_be_deployed_again(self):
        for kind in SERVICES:
            with self.subTest(kind):
                Stack(STAGE, kind).delete()
                self.assertEqual(Stack(STAGE, kind).outputs(), {})
                deploy_alone(kind)
                self.assert_responds()
        check.run(STAGE, StageStacks(STAGE).outputs)

    def test_the_architecture_is_kept_until_another_is_chosen(self):
        for chosen, kept in (("arm64", "arm64"), (None, "arm64"), ("x86_64", "x86_64"), (None, "x86_64")):
            deploy_alone("pages", *(["--architecture", chosen] if chosen else []))
            self.assertEqual(Stack(STAGE, "pages").parameters()["Architecture"], kept)

    def test_the_edge_key_is_rotated_without_downtime(self):
        known, visitor = StageStacks(STAGE).outputs, seed.Visitor(STAGE.setting("site-address"))
        responses, done = [], threading.Event()

        def visit() -> None:
            while not done.is_set():
                try:
                    responses.append(visitor.get("/healthz").decode())
                except (seed.Refused, OSError) as error:
                    responses.append(str(error))

        def status(key: str):
            return check.origin_status(STAGE, known, "/healthz", **{secret.EDGE_HEADER: key})

        def newest() -> str:
            return secret.edge_headers(STAGE)[secret.EDGE_HEADER]

        first = newest()
        self.assertEqual(status(first), 200)
        visits = threading.Thread(target=visit)
        visits.start()
        try:
            deploy_with("--new-edge-key")
            second = newest()
            self.assertEqual([status(key) for key in (first, second)], [200, 200])
            deploy_with("--new-edge-key")
        finally:
            done.set()
            visits.join()
        self.assertEqual([status(key) for key in (first, second, newest())], [403, 200, 200])
        self.assertTrue(any('"ok":true' in response for response in responses), responses[:5])
        rejected = [response for response in responses if response.startswith("/healthz: 403")]
        self.assertEqual(rejected, [], "the distribution sent a key that `web` did not accept")
        self.assertEqual(StageStacks(STAGE).propagate(), [])
        self.assert_responds()

    def test_without_a_sender_functions_that_mail_are_refused(self):
        deploy_with("--mail-from", sender.NONE)
        try:
            visitor = seed.Visitor(STAGE.setting("site-address"))
            for function in ("sign_up", "resend_code", "forgot"):
                with self.subTest(function), self.assertRaisesRegex(seed.Refused, "no_mail"):
                    visitor.form(f"accounts/{function}", email="ada@example.org")
        finally:
            deploy_with()

    def test_a_stage_cannot_be_deployed_in_another_region(self):
        with self.assertRaisesRegex(StackFailed, f"set AWS_REGION={STAGE.region}"):
            deploy.deploy(Moved(STAGE.name, STAGE.port), deploy.parsed([STAGE.name]))

    def test_an_existing_identity_is_used_and_kept(self):
        stack, ses = Stack(STAGE, "notifications"), STAGE.client("sesv2")
        for kept in (sender.LOCAL, sender.LOCAL.partition("@")[2]):
            with self.subTest(kept):
                stack.delete()
                forget_senders()
                ses.create_email_identity(EmailIdentity=kept)
                deploy_alone("notifications")
                self.assertNotIn("Sender", {resource["LogicalResourceId"] for resource in stack.resources()})
                self.assertEqual(ses.get_email_identity(EmailIdentity=kept)["VerifiedForSendingStatus"], True)

    def test_a_created_identity_is_created_once_and_retained(self):
        stack, ses = Stack(STAGE, "notifications"), STAGE.client("sesv2")
        stack.delete()
        forget_senders()
        for _ in range(2):
            deploy_alone("notifications")
            self.assertIn("Sender", {resource["LogicalResourceId"] for resource in stack.resources()})
        stack.delete()
        self.assertTrue(ses.get_email_identity(EmailIdentity=sender.LOCAL))
        deploy_alone("notifications")
        check.run(STAGE, StageStacks(STAGE).outputs)


class First(unittest.TestCase):
    def test_a_failed_first_deploy_leaves_nothing_behind(self):
        cloud.forget(STAGE)
        cloud.start(STAGE)
        stack = Stack(STAGE, "state")
        with self.assertRaisesRegex(StackFailed, "ROLLBACK_COMPLETE(?s:.*)Refused"):
            stack.deploy(broken(templates.load("state")), {"Stage": STAGE.name, "HomePort": STAGE.port})
        self.assertEqual(STAGE.client("dynamodb").list_tables()["TableNames"], [])
        self.assertEqual(STAGE.client("secretsmanager").list_secrets()["SecretList"], [])
        self.assertEqual(STAGE.client("cognito-idp").list_user_pools(MaxResults=1)["UserPools"], [])
        deploy_alone("state")
        table = STAGE.client("dynamodb").describe_table(TableName=stack.outputs()["TableName"])["Table"]
        self.assertIs(table["DeletionProtectionEnabled"], True)


class Destroyed(unittest.TestCase):
    def destroy(self, with_data: bool) -> None:
        with redirect_stdout(io.StringIO()):
            destroy.destroy(STAGE, with_data)

    def left(self) -> dict[str, list[str]]:
        """What the account has, by kind."""
        return {
            "stacks": [kind for kind in STACKS if Stack(STAGE, kind).describe()],
            "buckets": [bucket["Name"] for bucket in STAGE.client("s3").list_buckets()["Buckets"]],
            "tables": STAGE.client("dynamodb").list_tables()["TableNames"],
            "pools": [pool["Id"] for pool in STAGE.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]],
            "secrets": [stored["Name"] for stored in STAGE.client("secretsmanager").list_secrets()["SecretList"]],
            "functions": [function["FunctionName"] for function in STAGE.client("lambda").list_functions()["Functions"]],
            "logs": [group["logGroupName"] for group in STAGE.client("logs").describe_log_groups()["logGroups"]],
        }

    def test_data_is_kept_or_deleted_as_told(self):
        begin()
        for kind in SERVICES:
            deploy_alone(kind)
        s3, bucket = STAGE.client("s3"), Stack(STAGE, "state").outputs()["OriginalsBucket"]
        for body in (b"one", b"two"):
            s3.put_object(Bucket=bucket, Key="originals/kept", Body=body)
        before = self.left()

        self.destroy(with_data=False)
        kept = self.left()
        self.assertEqual(kept, before | {"stacks": ["state"], "functions": [], "logs": []})
        self.assertEqual(s3.get_object(Bucket=bucket, Key="originals/kept")["Body"].read(), b"two")
        for kind in SERVICES:
            deploy_alone(kind)
        check.run(STAGE, StageStacks(STAGE).outputs)

        self.destroy(with_data=True)
        self.assertEqual(self.left(), {kind: [] for kind in before})
        self.destroy(with_data=True)


# Parameters for an update that fails, whose effects must be rolled back.
CHANGED = {"SettingsStamp": "changed", "SiteAddress": "https://changed.invalid", "PageOriginDomain": "changed.invalid"}


def with_properties(template: dict, name: str, changed: dict | None) -> dict:
    """The template with some properties of a resource changed, or without the resource."""
    resources = dict(template["Resources"])
    resource = resources.pop(name)
    if changed is not None:
        resources[name] = resource | {"Properties": resource["Properties"] | changed}
    return template | {"Resources": resources}


def snapshot(stack: Stack) -> tuple:
    """What a rollback must restore: the stack, the settings, and the functions' environment."""
    resources = STAGE.client("cloudformation", STAGE.stack_region(stack.kind)).describe_stack_resources(StackName=stack.name)
    ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources["StackResources"]}
    functions = STAGE.client("lambda").list_functions()["Functions"]
    environments = {function["FunctionName"]: function["Environment"]["Variables"] for function in functions}
    return templates.body(stack.template()), stack.parameters(), stack.outputs(), ids, STAGE.settings(), environments
