"""Each stack deploys, fails and goes alone: on a local cloud of its own, beside the one of the stage `test`."""

import io
import threading
import unittest
from contextlib import redirect_stdout

from infra import check, deploy, secret, sender, templates
from infra.local import cloud, seed
from infra.local.broken import broken
from infra.stacks import Stack, StackFailed
from infra.stage import STACKS, Stage
from infra.wiring import Wiring

STAGE = Stage("stacks", Stage.named("test").port + 1000)
SERVICES = [kind for kind in STACKS if kind != "state"]


def begin() -> None:
    """A cloud that holds nothing but the stack that comes first."""
    cloud.forget(STAGE)
    cloud.start(STAGE)
    deploy_alone("state")


def deploy_alone(kind: str, *options: str) -> None:
    deploy_with("--only", kind, *options)


def deploy_with(*options: str) -> None:
    with redirect_stdout(io.StringIO()):
        deploy.deploy(STAGE, deploy.parsed([STAGE.name, *options]))


class Moved(Stage):
    """A stage that is looked for in another region."""

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
        check.run(STAGE, Wiring(STAGE).outputs)
        self.assertEqual(Wiring(STAGE).settle(), [], "each has heard of the others")

    def test_as_a_deploy_has_them(self):
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

    def assert_answers(self):
        """By a post: `web` refuses those that do not come from the site's address, as it knows it."""
        self.assertEqual(seed.Visitor(STAGE.setting("site-address")).form("accounts/me"), "null")

    def test_a_failing_update_leaves_all_as_it_was(self):
        for kind in STACKS:
            with self.subTest(kind):
                stack = Stack(STAGE, kind)
                before = standing(stack)
                with self.assertRaisesRegex(StackFailed, "UPDATE_ROLLBACK_COMPLETE(?s:.*)Refused"):
                    stack.deploy(broken(stack.template()), CHANGED)
                self.assertEqual(stack.describe()["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
                self.assertEqual(standing(stack), before)
                self.assert_answers()
        check.run(STAGE, Wiring(STAGE).outputs)

    def test_what_holds_data_is_not_replaced(self):
        stack = Stack(STAGE, "state")
        before = standing(stack)
        changes = {
            "Table": {"TableName": "another"},
            "Originals": {"BucketName": "another"},
            "Media": None,
            "UserPool": {"UsernameAttributes": ["phone_number"]},
            "Secret": {"Name": "another"},
        }
        for name, changed in changes.items():
            with self.subTest(name), self.assertRaisesRegex(StackFailed, f"{name} holds data"):
                stack.deploy(with_properties(stack.template(), name, changed), {})
        with self.assertRaisesRegex(StackFailed, "Table holds data"):
            stack.deploy(stack.template(), {"TableGeneration": "99"})
        self.assertEqual(standing(stack), before)

    def test_a_stack_that_went_comes_again(self):
        for kind in SERVICES:
            with self.subTest(kind):
                Stack(STAGE, kind).delete()
                self.assertEqual(Stack(STAGE, kind).outputs(), {})
                deploy_alone(kind)
                self.assert_answers()
        check.run(STAGE, Wiring(STAGE).outputs)

    def test_an_architecture_stays_until_another_is_chosen(self):
        for chosen, kept in (("arm64", "arm64"), (None, "arm64"), ("x86_64", "x86_64"), (None, "x86_64")):
            deploy_alone("pages", *(["--architecture", chosen] if chosen else []))
            self.assertEqual(Stack(STAGE, "pages").parameters()["Architecture"], kept)

    def test_the_edge_gets_another_key_without_an_outage(self):
        known, visitor = Wiring(STAGE).outputs, seed.Visitor(STAGE.setting("site-address"))
        said, over = [], threading.Event()

        def visit() -> None:
            while not over.is_set():
                try:
                    said.append(visitor.get("/healthz").decode())
                except (seed.Refused, OSError) as error:
                    said.append(str(error))

        def answers(key: str):
            return check.origin_status(STAGE, known, "/healthz", **{secret.EDGE_HEADER: key})

        def newest() -> str:
            return secret.edge_headers(STAGE)[secret.EDGE_HEADER]

        first = newest()
        self.assertEqual(answers(first), 200)
        visits = threading.Thread(target=visit)
        visits.start()
        try:
            deploy_with("--new-edge-key")
            second = newest()
            self.assertEqual([answers(key) for key in (first, second)], [200, 200])
            deploy_with("--new-edge-key")
        finally:
            over.set()
            visits.join()
        self.assertEqual([answers(key) for key in (first, second, newest())], [403, 200, 200])
        self.assertTrue(any('"ok":true' in answer for answer in said), said[:5])
        refused = [answer for answer in said if answer.startswith("/healthz: 403")]
        self.assertEqual(refused, [], "the edge sent what `web` did not know")
        self.assertEqual(Wiring(STAGE).settle(), [])
        self.assert_answers()

    def test_nobody_waits_for_a_mail_from_a_site_without_a_sender(self):
        deploy_with("--mail-from", sender.NONE)
        try:
            visitor = seed.Visitor(STAGE.setting("site-address"))
            for function in ("sign_up", "resend_code", "forgot"):
                with self.subTest(function), self.assertRaisesRegex(seed.Refused, "no_mail"):
                    visitor.form(f"accounts/{function}", email="ada@example.org")
        finally:
            deploy_with()

    def test_a_stage_stays_in_its_region(self):
        with self.assertRaisesRegex(StackFailed, f"set AWS_REGION={STAGE.region}"):
            deploy.deploy(Moved(STAGE.name, STAGE.port), deploy.parsed([STAGE.name]))

    def test_a_sender_that_is_there_is_used_and_stays(self):
        stack, ses = Stack(STAGE, "notices"), STAGE.client("sesv2")
        for kept in (sender.HOME, sender.HOME.partition("@")[2]):
            with self.subTest(kept):
                stack.delete()
                forget_senders()
                ses.create_email_identity(EmailIdentity=kept)
                deploy_alone("notices")
                self.assertNotIn("Sender", {resource["LogicalResourceId"] for resource in stack.resources()})
                self.assertEqual(ses.get_email_identity(EmailIdentity=kept)["VerifiedForSendingStatus"], True)

    def test_a_sender_that_was_made_is_made_once_and_outlasts_its_stack(self):
        stack, ses = Stack(STAGE, "notices"), STAGE.client("sesv2")
        stack.delete()
        forget_senders()
        for _ in range(2):
            deploy_alone("notices")
            self.assertIn("Sender", {resource["LogicalResourceId"] for resource in stack.resources()})
        stack.delete()
        self.assertTrue(ses.get_email_identity(EmailIdentity=sender.HOME))
        deploy_alone("notices")
        check.run(STAGE, Wiring(STAGE).outputs)


class First(unittest.TestCase):
    def test_a_first_deploy_that_failed_leaves_nothing_and_can_be_repeated(self):
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


# Told to a stack with a broken template: what it had changed by these until it failed must be taken back.
CHANGED = {"SettingsStamp": "changed", "SiteAddress": "https://changed.invalid", "PageOriginDomain": "changed.invalid"}


def with_properties(template: dict, name: str, changed: dict | None) -> dict:
    """The template with some properties of a resource changed, or without the resource."""
    resources = dict(template["Resources"])
    resource = resources.pop(name)
    if changed is not None:
        resources[name] = resource | {"Properties": resource["Properties"] | changed}
    return template | {"Resources": resources}


def standing(stack: Stack) -> tuple:
    """What must be as it was: the stack, the settings, and what the functions are told."""
    resources = STAGE.client("cloudformation", STAGE.stack_region(stack.kind)).describe_stack_resources(StackName=stack.name)
    placed = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources["StackResources"]}
    functions = STAGE.client("lambda").list_functions()["Functions"]
    told = {function["FunctionName"]: function["Environment"]["Variables"] for function in functions}
    return templates.body(stack.template()), stack.parameters(), stack.outputs(), placed, STAGE.settings(), told
