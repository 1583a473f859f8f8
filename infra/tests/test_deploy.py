"""Deploys, without a network."""

import hashlib
import io
import json
import unittest
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from infra import build, concurrency, deploy, secret, site, stack_parameters, templates
from infra.functions import ALL as FUNCTIONS
from infra.packages import NotBuilt, package
from infra.stacks import Stack, StackFailed
from infra.stage import STACKS, Stage

IN_AWS = Stage("somewhere")
LOCAL = Stage("home", 4566)
CODE = {function: {"S3Bucket": "b", "S3Key": function} for function in FUNCTIONS}


class Packages(unittest.TestCase):
    def test_equal_binaries_give_equal_packages(self):
        with TemporaryDirectory() as folder:
            Path(folder, "web").write_bytes(b"binary")
            one, two = (package(IN_AWS, "web", "x86_64", Path(folder)) for _ in range(2))
            self.assertEqual(one.key, two.key)
            Path(folder, "web").write_bytes(b"another")
            self.assertNotEqual(one.key, package(IN_AWS, "web", "x86_64", Path(folder)).key)

    def test_a_missing_binary_raises(self):
        with TemporaryDirectory() as folder, self.assertRaises(NotBuilt):
            package(IN_AWS, "web", "x86_64", Path(folder))

    def test_a_local_rebuild_needs_no_new_package(self):
        self.assertEqual(package(LOCAL, "web", "x86_64").key, package(LOCAL, "web", "x86_64").key)


class Build(unittest.TestCase):
    def test_another_architecture_s_standard_library_is_installed_once(self):
        add = ["rustup", "target", "add", "aarch64-unknown-linux-gnu"]
        for installed, commands in ((False, [add]), (True, [])):
            with patch.object(build, "has_std", return_value=installed) as has_std:
                self.assertEqual(build.tools_for_aws("arm64")[1:], commands)
            has_std.assert_called_once_with("aarch64-unknown-linux-gnu")


class TextMessages(unittest.TestCase):
    def parameters(self, stage: Stage, *arguments: str) -> dict:
        return deploy.text_parameters(stage, deploy.parsed([stage.name, *arguments]))

    def test_omitted_options_are_not_changed(self):
        self.assertEqual(self.parameters(IN_AWS), {})
        parameters = self.parameters(IN_AWS, "--text-messages", "sent", "--text-countries", "44,49")
        self.assertEqual(parameters, {"TextMessages": "sent", "TextCountries": "44,49"})
        self.assertEqual(self.parameters(IN_AWS, "--texts-a-day", "20"), {"TextsADay": "20"})
        self.assertEqual(self.parameters(LOCAL)["TextMessages"], "sent")

    def test_countries_are_required_and_validated(self):
        for bad in (["--text-messages", "sent"], ["--text-countries", "+44"], ["--text-countries", "44, 49"], ["--texts-a-day", "many"]):
            with self.subTest(bad), redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
                self.parameters(IN_AWS, *bad)
        parameters = templates.load("notifications")["Parameters"]
        self.assertEqual([parameters[name]["Default"] for name in ("TextMessages", "TextCountries")], ["none", "none"])


class Providers(unittest.TestCase):
    def parameters(self, stored: dict, *arguments: str) -> dict:
        with patch.object(secret, "read", return_value=stored):
            return deploy.provider_parameters(IN_AWS, deploy.parsed(["somewhere", *arguments]))

    def test_providers_are_optional_and_disabled_if_empty(self):
        self.assertEqual(self.parameters({}), {})
        self.assertEqual(self.parameters({}, "--google", ""), {"GoogleClient": ""})
        self.assertEqual(self.parameters({}, "--oidc", ""), {"OidcIssuer": "", "OidcClient": "", "OidcName": "OpenID"})

    def test_the_client_secret_is_required_first(self):
        oidc = ("--oidc", "https://id.example", "client", "Family")
        for name, arguments in (("google", ("--google", "client")), ("facebook", ("--facebook", "app")), ("oidc", oidc)):
            with self.assertRaisesRegex(secret.Missing, f"OF={name}"):
                self.parameters({}, *arguments)
            self.assertIn(f"{name.capitalize()}Client", self.parameters({f"{name}_secret": "s"}, *arguments))
        with redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            deploy.parsed(["somewhere", "--oidc", "https://id.example"])

    def test_templates_only_reference_client_secrets(self):
        resources = templates.packaged("state", CODE)["Resources"].values()
        details = [r["Properties"]["ProviderDetails"] for r in resources if r["Type"] == "AWS::Cognito::UserPoolIdentityProvider"]
        resolved = [one["client_secret"]["Fn::Sub"] for one in details]
        reference = "{{resolve:secretsmanager:shoebox/${Stage}:SecretString:%s_secret}}"
        self.assertEqual(sorted(resolved), sorted(reference % name for name in secret.PROVIDERS))

    def test_client_secrets_are_kept_when_keys_are_created(self):
        with patch.object(secret, "read", return_value={"google_secret": "s", "owner_code": "c"}), patch.object(secret, "write") as write:
            secret.fill(IN_AWS)
        written = write.call_args.args[1]
        self.assertEqual((written["google_secret"], written["owner_code"]), ("s", "c"))


class EdgeKeys(unittest.TestCase):
    def ring(self, *names: str) -> list[dict]:
        return [{"id": str(len(names) - index), "key": name, "made_at": 0} for index, name in enumerate(names)]

    def rotated(self, ring: list[dict], current: str | None) -> list[dict]:
        stored = {"media_keys": [], "link_keys": [], "owner_code": "c", "edge_keys": ring}
        with patch.object(secret, "read", return_value=stored), patch.object(secret, "write") as write:
            secret.rotate_edge_key(IN_AWS, current and secret.stamp({"key": current}))
        written = write.call_args.args[1]
        self.assertEqual(written["owner_code"], "c")
        return written["edge_keys"]

    def test_rotation_keeps_the_current_key(self):
        for ring, current, kept in [
            (self.ring("a"), "a", ["a"]),
            (self.ring("b", "a"), "b", ["b"]),
            # A deploy failed before the distribution was updated.
            (self.ring("b", "a"), "a", ["a"]),
            (self.ring("a"), None, []),
        ]:
            with self.subTest(current=current, ring=ring):
                new, *others = self.rotated(ring, current)
                self.assertEqual([key["key"] for key in others], kept)
                self.assertGreaterEqual(len(new["key"]), 32)
                self.assertNotIn(new["id"], [key["id"] for key in ring])

    def test_keys_are_random(self):
        made = []
        for _ in range(2):
            with patch.object(secret, "read", return_value={}), patch.object(secret, "write"):
                made.append(secret.fill(IN_AWS)["edge_keys"][0]["key"])
        self.assertNotEqual(*made)

    def test_a_new_key_restarts_functions_that_read_the_secret(self):
        for kind, restarts in (("pages", True), ("processing", False)):
            template = templates.packaged(kind, CODE)
            one, other = (stack_parameters.settings_stamp(template, {}, self.ring(*names)) for names in ("a", "ba"))
            self.assertEqual(one != other, restarts, kind)

    def test_the_distribution_sends_the_newest_key_only_to_web(self):
        edge = templates.packaged("edge", CODE)
        parameters = stack_parameters.edge_key(self.ring("b", "a"))
        self.assertEqual(parameters, {"EdgeKey": "b", "EdgeKeyStamp": secret.stamp({"key": "b"})})
        self.assertIs(edge["Parameters"]["EdgeKey"]["NoEcho"], True)
        origins = edge["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["Origins"]
        headers = {origin["Id"]: origin.get("OriginCustomHeaders", []) for origin in origins}
        sent = [{"HeaderName": secret.EDGE_HEADER, "HeaderValue": {"Ref": "EdgeKey"}}]
        self.assertEqual(headers, {"pages": sent, "site": [], "media": []})
        self.assertEqual(json.dumps(edge).count('{"Ref": "EdgeKey"}'), 1, "the key is used nowhere else")

    def test_a_distribution_without_a_key_gets_it_before_web(self):
        deployed = {"DistributionId": "E1"}
        for outputs, first in (({}, ["state", "pages"]), (deployed | {"EdgeKeyStamp": "1"}, ["state", "pages"]), (deployed, ["state", "edge"])):
            with patch.object(Stack, "outputs", return_value=outputs):
                kinds = deploy.in_order(IN_AWS, None)
                self.assertEqual((kinds[:2], sorted(kinds)), (first, sorted(STACKS)))
                self.assertEqual(deploy.in_order(IN_AWS, "edge"), ["edge"])
        with patch.object(Stack, "outputs", return_value=deployed), self.assertRaisesRegex(StackFailed, "deploy `edge` first"):
            deploy.in_order(IN_AWS, "pages")


class Templates(unittest.TestCase):
    def setUp(self):
        self.all = {kind: templates.packaged(kind, CODE) for kind in STACKS}

    def resources(self, kind):
        return [(name, r["Properties"]) for t in self.all.values() for name, r in t["Resources"].items() if r["Type"] == kind]

    def test_short_forms_are_resolved(self):
        text = json.dumps(self.all)
        self.assertNotIn('"package:', text)
        self.assertNotIn('"file:', text)

    def test_each_parameter_has_a_source(self):
        # The edge key is in the secret, which `state` creates.
        known = {"Stage", "HomePort", "Architecture", "SettingsStamp", "EdgeKey", "EdgeKeyStamp"} | set(self.all["state"]["Outputs"])
        for kind in STACKS:
            required = {name for name, declared in self.all[kind].get("Parameters", {}).items() if "Default" not in declared}
            self.assertLessEqual(required, known, f"{kind} cannot be deployed directly after `state`")

    def test_output_names_are_unique(self):
        outputs = [name for template in self.all.values() for name in template.get("Outputs", {})]
        self.assertEqual(sorted(outputs), sorted(set(outputs)))

    def test_each_function_has_its_own_role_and_logs(self):
        # Without that of Lambda@Edge, which has neither an environment nor logs.
        functions = {name: f for name, f in self.resources("AWS::Lambda::Function") if "ZipFile" not in f["Code"]}
        self.assertEqual(sorted(f["Code"]["S3Key"] for f in functions.values()), sorted(FUNCTIONS))
        self.assertEqual(len({json.dumps(f["Role"]) for f in functions.values()}), len(functions))
        self.assertEqual(len({json.dumps(f["LoggingConfig"]) for f in functions.values()}), len(functions))
        for function in functions.values():
            variables = {"SHOEBOX_STAGE": {"Ref": "Stage"}, "SHOEBOX_SETTINGS": {"Ref": "SettingsStamp"}}
            self.assertEqual(function["Environment"]["Variables"], variables)

    def test_each_action_on_rows_is_in_one_statement_of_a_role(self):
        for name, role in self.resources("AWS::IAM::Role"):
            statements = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"] if "LeadingKeys" in json.dumps(s)]
            actions = [action for s in statements for action in (s["Action"] if isinstance(s["Action"], list) else [s["Action"]])]
            self.assertEqual(sorted(actions), sorted(set(actions)), name)

    def test_state_machines_log_errors_without_execution_data(self):
        machines = self.resources("AWS::StepFunctions::StateMachine")
        self.assertEqual(len(machines), 2)
        for _, machine in machines:
            logging = machine["LoggingConfiguration"]
            self.assertEqual((logging["Level"], logging["IncludeExecutionData"]), ("ERROR", False))
            self.assertEqual(len(logging["Destinations"]), 1)

    def test_logs_expire(self):
        for _, properties in self.resources("AWS::Logs::LogGroup"):
            self.assertEqual(properties["RetentionInDays"], 30)

    def test_resources_with_data_are_retained(self):
        with_data = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::SecretsManager::Secret")
        for name, resource in self.all["state"]["Resources"].items():
            if resource["Type"] in with_data:
                self.assertEqual((resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")), ("Retain", "Retain"), name)

    def test_resources_with_data_have_deletion_protection(self):
        table = dict(self.resources("AWS::DynamoDB::Table"))["Table"]
        self.assertEqual(table["DeletionProtectionEnabled"], {"Fn::If": ["Protect", True, False]})
        self.assertIs(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], True)
        pool = dict(self.resources("AWS::Cognito::UserPool"))["UserPool"]
        self.assertEqual(pool["DeletionProtection"], {"Fn::If": ["Protect", "ACTIVE", "INACTIVE"]})

    def test_the_user_pool_cannot_be_used_without_web(self):
        pool = dict(self.resources("AWS::Cognito::UserPool"))["UserPool"]
        self.assertEqual(pool["AdminCreateUserConfig"], {"AllowAdminCreateUserOnly": True})
        self.assertEqual([one["Name"] for one in pool["AccountRecoverySetting"]["RecoveryMechanisms"]], ["admin_only"])
        self.assertNotIn("AutoVerifiedAttributes", pool, "Cognito would mail codes itself")
        clients = dict(self.resources("AWS::Cognito::UserPoolClient"))
        self.assertIs(clients["UserPoolClient"]["GenerateSecret"], True)
        for name, properties in clients.items():
            flows = set(properties["ExplicitAuthFlows"])
            self.assertIn("ALLOW_REFRESH_TOKEN_AUTH", flows, f"Cognito rejects {name}: REFRESH_TOKEN_AUTH must always be allowed")
            self.assertTrue(properties["GenerateSecret"] or flows == {"ALLOW_REFRESH_TOKEN_AUTH"}, f"{name} checks passwords without a client secret")
            self.assertNotIn("aws.cognito.signin.user.admin", properties.get("AllowedOAuthScopes", []), f"{name}'s tokens can change their user")
        for name in ("UserPoolClient", "ApiClient"):
            self.assertEqual(clients[name]["WriteAttributes"], ["locale"], name)

    def test_passkeys_require_the_site_s_address(self):
        state = self.all["state"]
        unknown = state["Parameters"]["SiteAddress"]["Default"]
        self.assertEqual(state["Conditions"]["KnowsSite"], {"Fn::Not": [{"Fn::Equals": [{"Ref": "SiteAddress"}, unknown]}]})
        pool = state["Resources"]["UserPool"]["Properties"]
        factors = pool["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]
        conditional = [value for name, value in pool.items() if name.startswith("WebAuthn")] + [one for one in factors if one != "PASSWORD"]
        self.assertEqual(len(conditional), 4)
        for value in conditional:
            condition, _, otherwise = value["Fn::If"]
            self.assertEqual((condition, otherwise), ("KnowsSite", {"Ref": "AWS::NoValue"}))

    def test_originals_never_expire(self):
        for rule in dict(self.resources("AWS::S3::Bucket"))["Originals"]["LifecycleConfiguration"]["Rules"]:
            expirations = {name for name in rule if "Expir" in name}
            if expirations:
                self.assertEqual((rule["Prefix"], expirations), ("sidecars/", {"NoncurrentVersionExpiration", "ExpiredObjectDeleteMarker"}))

    def test_visibility_timeouts_are_six_times_the_function_s_timeout(self):
        timeout = dict(self.resources("AWS::Lambda::Function"))["Render"]["Timeout"]
        for name, queue in self.resources("AWS::SQS::Queue"):
            if "RedrivePolicy" in queue:
                self.assertGreaterEqual(queue["VisibilityTimeout"], 6 * timeout, name)

    def test_every_order_has_its_library_as_message_group(self):
        machine = json.loads(self.all["processing"]["Resources"]["Workflow"]["Properties"]["DefinitionString"])
        orders = [state for states, _ in _machines(machine) for state in states.values() if "sns:publish" in state.get("Resource", "")]
        self.assertEqual(len(orders), 5)
        for order in orders:
            self.assertIn(order["Parameters"]["MessageGroupId.$"], ("$.library", "$.job.library"))

    def test_every_queue_limits_concurrency(self):
        for name, mapping in self.resources("AWS::Lambda::EventSourceMapping"):
            if "Queue" in json.dumps(mapping["EventSourceArn"]):
                self.assertIn("MaximumConcurrency", mapping.get("ScalingConfig", {}), name)

    def test_task_timeouts_exceed_all_deliveries(self):
        queue = dict(self.resources("AWS::SQS::Queue"))["WebpQueue"]
        machine = json.loads(self.all["processing"]["Resources"]["Workflow"]["Properties"]["DefinitionString"])
        deliveries = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
        inspect = machine["States"]["Inspect"]
        (retries,) = [retry["MaxAttempts"] for retry in inspect["Retry"] if retry["ErrorEquals"] == ["States.Timeout"]]
        self.assertGreaterEqual(inspect["TimeoutSeconds"] * (1 + retries), queue["MessageRetentionPeriod"] + deliveries)
        for formats in ("Render", "Render later"):
            states = machine["States"][formats]["ItemProcessor"]["States"]
            self.assertGreaterEqual(states["Format"]["TimeoutSeconds"], deliveries)
            self.assertGreaterEqual(states["Format again"]["TimeoutSeconds"], queue["MessageRetentionPeriod"] + deliveries)
            self.assertEqual(states["Format"]["Parameters"], states["Format again"]["Parameters"])
            self.assertLessEqual(states["Format"]["TimeoutSeconds"], 3600, "a lost order is sent again within the hour")

    def test_every_state_has_a_successor_or_ends(self):
        machine = json.loads(self.all["processing"]["Resources"]["Workflow"]["Properties"]["DefinitionString"])
        for states, start in _machines(machine):
            self.assertIn(start, states)
            for name, state in states.items():
                successors = [state.get("Next"), state.get("Default"), *(rule["Next"] for key in ("Choices", "Catch") for rule in state.get(key, []))]
                self.assertLessEqual({name for name in successors if name}, set(states), name)
                continues_or_ends = state.get("End") or state["Type"] in ("Succeed", "Fail") or any(successors)
                self.assertTrue(continues_or_ends, f"{name} has no successor")


def _machines(machine):
    yield machine["States"], machine["StartAt"]
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from _machines(state["ItemProcessor"])


class Parameters(unittest.TestCase):
    def test_known_values_precede_previous_ones_and_defaults(self):
        stack = object.__new__(Stack)
        stack.name = "s"
        template = {"Parameters": {"A": {}, "B": {"Default": "b"}, "C": {"Default": "c"}}}
        current = {"Parameters": [{"ParameterKey": "B", "ParameterValue": "kept"}]}
        self.assertEqual(stack._parameters(template, {"A": "new"}, current), {"A": "new", "B": "kept", "C": "c"})

    def test_hidden_values_are_not_used(self):
        stack = object.__new__(Stack)
        stack.name = "s"
        template = {"Parameters": {"Key": {"NoEcho": True}, "Stamp": {}}}
        current = {"Parameters": [{"ParameterKey": "Key", "ParameterValue": "****"}, {"ParameterKey": "Stamp", "ParameterValue": "1"}]}
        self.assertEqual(stack._parameters(template, {}, current), {"Key": None, "Stamp": "1"})
        with patch.object(Stack, "template", return_value=template):
            self.assertTrue(stack._unchanged(template, {"Key": "a", "Stamp": "1"}, current))
            self.assertFalse(stack._unchanged(template, {"Key": "b", "Stamp": "2"}, current))


class Stuck(unittest.TestCase):
    """A stage with a stack whose last rollback failed."""

    def setUp(self):
        self.stuck = "notifications"

        class Cloud:
            """A CloudFormation client that can only describe stacks."""

            def describe_stacks(_, StackName: str) -> dict:
                status = "UPDATE_ROLLBACK_FAILED" if StackName.endswith(self.stuck) else "UPDATE_COMPLETE"
                return {"Stacks": [{"StackName": StackName, "StackStatus": status}]}

            def describe_stack_events(_, StackName: str) -> dict:
                failed = {"LogicalResourceId": "Sender", "ResourceStatus": "UPDATE_FAILED", "ResourceStatusReason": "it is used elsewhere"}
                return {"StackEvents": [failed, {"LogicalResourceId": "ScheduledJobs", "ResourceStatus": "UPDATE_COMPLETE"}]}

        cloud = patch.object(Stage, "client", return_value=Cloud())
        cloud.start()
        self.addCleanup(cloud.stop)

    def test_the_error_names_reasons_and_commands(self):
        with self.assertRaises(StackFailed) as failed:
            Stack(LOCAL, "notifications").deploy(templates.load("notifications"), {})
        message = str(failed.exception)
        options = "--stack-name shoebox-home-notifications --region eu-west-1"
        for line in ("UPDATE_ROLLBACK_FAILED", "Sender: it is used elsewhere", f"continue-update-rollback {options}", f"stack-rollback-complete {options}"):
            self.assertIn(line, message)
        self.assertNotIn("ScheduledJobs", message)

    def test_the_commands_for_edge_use_its_region(self):
        self.stuck = "edge"
        with self.assertRaisesRegex(StackFailed, "--stack-name shoebox-home-edge --region us-east-1"):
            Stack(LOCAL, "edge").refuse_stuck()

    def test_no_other_stack_is_deployed(self):
        for arguments in ([], ["--only", "state"]):
            with patch.object(deploy, "deploy_stacks") as deployed, self.assertRaisesRegex(StackFailed, "shoebox-home-notifications"):
                deploy.deploy(LOCAL, deploy.parsed([LOCAL.name, *arguments]))
            deployed.assert_not_called()

    def test_other_stacks_are_not_stuck(self):
        Stack(LOCAL, "state").refuse_stuck()


class StackParameters(unittest.TestCase):
    edge = {"DistributionDomain": "d123.cloudfront.net", "DistributionId": "E1"}

    def test_without_outputs_there_are_no_parameters(self):
        self.assertEqual(stack_parameters.site_address(IN_AWS, {}), {})
        self.assertEqual(stack_parameters.page_origin(IN_AWS, None, {}), {})

    def test_a_custom_domain_is_the_site_s_address(self):
        named = self.edge | {"DomainName": "photos.example.org"}
        self.assertEqual(stack_parameters.site_address(IN_AWS, named)["SiteAddress"], "https://photos.example.org")

    def test_protection_is_enabled_once_the_table_exists(self):
        for outputs, protected in (({}, "no"), ({"TableName": "t"}, "yes")):
            stacks = object.__new__(stack_parameters.StageStacks)
            stacks.stage, stacks.pages, stacks.outputs = LOCAL, None, outputs
            with patch.object(Stage, "settings", return_value={}):
                self.assertEqual(stacks.parameters(templates.load("state"))["Protected"], protected)

    def test_the_address_depends_on_the_kind_of_stage(self):
        self.assertEqual(stack_parameters.site_address(LOCAL, self.edge)["SiteAddress"], "http://d123.cloudfront.localhost:4566")
        self.assertEqual(stack_parameters.site_address(IN_AWS, self.edge)["SiteAddress"], "https://d123.cloudfront.net")

    def test_the_watch_server_precedes_the_api(self):
        api = {"PagesApi": "a1", "PagesDomain": "a1.example.org"}
        self.assertEqual(stack_parameters.page_origin(IN_AWS, None, api)["PageOriginDomain"], "a1.example.org")
        self.assertEqual(stack_parameters.page_origin(LOCAL, "127.0.0.1:3000", api)["PageOriginPort"], "3000")

    def test_given_parameters_precede_outputs(self):
        stacks = object.__new__(stack_parameters.StageStacks)
        stacks.stage, stacks.pages = LOCAL, None
        stacks.outputs = {"DomainName": "old.example.org", "MediaDomain": "media.example.org"}
        given = {"DomainName": "new.example.org", "HostedZoneId": "Z1"}
        with patch.object(Stage, "settings", return_value={}), patch.object(Stack, "deploy", return_value=({}, True)) as deployed:
            stacks.deploy("edge", templates.load("edge"), given)
        parameters = deployed.call_args.args[1]
        self.assertEqual((parameters["DomainName"], parameters["HostedZoneId"]), ("new.example.org", "Z1"))
        self.assertEqual(parameters["MediaDomain"], "media.example.org")

    def test_the_settings_stamp_depends_on_settings_that_are_read(self):
        processing = templates.packaged("processing", CODE)
        one, other, unread = (stack_parameters.settings_stamp(processing, {"table": table, "bus": bus}, []) for table, bus in ("aa", "ba", "ab"))
        self.assertNotEqual(one, other)
        self.assertEqual(one, unread)


class Concurrency(unittest.TestCase):
    def test_queues_leave_some_of_a_new_account_s_limit_to_pages(self):
        self.assertLessEqual(concurrency.by_queues(), 6)

    def test_only_a_low_limit_gives_a_warning(self):
        enough = concurrency.by_queues() + concurrency.OTHER_EXECUTIONS
        self.assertIn("limited to 10 concurrent executions of functions, of which an import takes 6", concurrency.shortage(10))
        self.assertIn(f"at least {enough} ", concurrency.shortage(enough - 1))
        self.assertEqual((concurrency.shortage(enough), concurrency.shortage(1000)), (None, None))


class Site(unittest.TestCase):
    def test_only_files_with_a_content_hash_are_immutable(self):
        self.assertIn("immutable", site.headers(Path("pkg/shoebox.lBf2xPPM3HDrE2pX9YHHnw.wasm"))["CacheControl"])
        self.assertEqual(site.headers(Path("pkg/shoebox.wasm")), {"ContentType": "application/wasm", "CacheControl": "no-cache"})


    class Bucket:
        """An S3 client with one bucket, whose objects have a content and tags."""

        def __init__(self):
            self.objects, self.written = {}, []

        def client(self, service: str):
            return self

        def get_paginator(self, _):
            return self

        def paginate(self, Bucket):
            contents = [{"Key": key, "ETag": f'"{hashlib.md5(body).hexdigest()}"'} for key, (body, _) in self.objects.items()]
            return [{"Contents": contents}] if contents else [{}]

        def get_object_tagging(self, Bucket, Key):
            return {"TagSet": self.objects[Key][1]}

        def put_object(self, Bucket, Key, Body, **headers):
            self.objects[Key] = (Body, [])
            self.written.append(Key)

        def copy_object(self, Bucket, Key, CopySource, MetadataDirective, TaggingDirective, Tagging, **headers):
            # S3 refuses a copy onto itself that changes no metadata.
            assert CopySource == {"Bucket": Bucket, "Key": Key} and MetadataDirective == TaggingDirective == "REPLACE" and headers
            name, _, value = Tagging.partition("=")
            self.objects[Key] = (self.objects[Key][0], [{"Key": name, "Value": value}])
            self.written.append(Key)

        def deploy(self, *names: str) -> list[str]:
            """Deploys files of these names, with the name as content; returns the retired ones."""
            self.written.clear()
            with TemporaryDirectory() as folder:
                for name in names:
                    path = Path(folder, name)
                    path.parent.mkdir(exist_ok=True)
                    path.write_text(name)
                site.sync(self, "b", Path(folder))
                site.retire(self, "b", Path(folder))
            return sorted(key for key, (_, tags) in self.objects.items() if tags)

    def test_files_of_earlier_builds_expire_a_month_after_the_next_build(self):
        bucket, (one, two) = self.Bucket(), (f"pkg/shoebox.{letter * 22}.js" for letter in "ab")
        self.assertEqual(bucket.deploy(one, "favicon.svg"), [])
        self.assertEqual(bucket.written, [one, "favicon.svg"], "hashed names first")
        self.assertEqual(bucket.deploy(two, "favicon.svg"), [one])
        self.assertEqual(bucket.written, [two, one])
        self.assertEqual((bucket.deploy(two, "favicon.svg"), bucket.written), ([one], []), "its month is not extended")
        self.assertEqual(bucket.deploy(one, "favicon.svg"), [two], "a rollback")
        self.assertEqual(bucket.written, [one, two])
        self.assertEqual((bucket.deploy(), bucket.written), ([two], []), "without a build nothing is retired")
        (rule,) = templates.load("state")["Resources"]["Site"]["Properties"]["LifecycleConfiguration"]["Rules"]
        self.assertEqual((rule["TagFilters"], rule["ExpirationInDays"]), ([site._RETIRED], 30))

    def test_web_gets_the_hashes_of_the_files_that_it_names(self):
        with TemporaryDirectory() as folder:
            self.assertEqual(site.hashes(Path(folder)), "")
            pkg = Path(folder, "pkg")
            pkg.mkdir()
            for letter, kind in zip("abc", ("css", "js", "wasm")):
                (pkg / f"shoebox.{letter * 22}.{kind}").touch()
            hashes = site.hashes(Path(folder))
            self.assertEqual(hashes, "".join(f"{kind}: {letter * 22}\n" for letter, kind in zip("abc", ("css", "js", "wasm"))))
            Path(folder, "web").write_bytes(b"binary")
            content = package(IN_AWS, "web", "x86_64", Path(folder), hashes).content
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                self.assertEqual((archive.namelist(), archive.read("hash.txt").decode()), (["bootstrap", "hash.txt"], hashes))
            (pkg / f"shoebox.{'d' * 22}.js").touch()
            with self.assertRaisesRegex(NotBuilt, "more than one build"):
                site.hashes(Path(folder))

    def test_assets_are_uploaded_before_the_pages_that_name_them(self):
        order = []
        options = deploy.parsed([IN_AWS.name, "--only", "pages", "--architecture", "x86_64"])
        with (
            patch.object(deploy, "Artifacts"),
            patch.object(deploy, "package"),
            patch.object(deploy, "in_order", return_value=["state", "pages"]),
            patch.object(deploy, "packaged", side_effect=lambda kind, _: kind),
            patch.object(deploy, "Stack"),
            patch.object(deploy.sender, "parameters", return_value={}),
            patch.object(deploy, "StageStacks") as stacks,
            patch.object(site, "sync", side_effect=lambda *_: order.append("assets")),
            patch.object(Stage, "region", "eu-west-1"),
            redirect_stdout(io.StringIO()),
        ):
            stacks.return_value.deploy.side_effect = lambda kind, *_: order.append(kind)
            stacks.return_value.propagate.return_value = []
            deploy.deploy_stacks(IN_AWS, options)
        self.assertEqual(order, ["state", "assets", "pages"])


class DryRun(unittest.TestCase):
    def test_the_site_option_names_the_assets_folder(self):
        output = io.StringIO()
        with TemporaryDirectory() as folder, redirect_stdout(output):
            (Path(folder) / "shoebox.wasm").write_bytes(b"\0asm")
            deploy.main([IN_AWS.name, "--dry-run", "--site", folder])
        assets = [line.split()[1:] for line in output.getvalue().splitlines() if line.split()[:1] == ["asset"]]
        self.assertEqual(assets, [["shoebox.wasm", "4", "bytes,", "revalidated"]])

    def test_templates_are_valid_and_listed(self):
        output = io.StringIO()
        with TemporaryDirectory() as folder, redirect_stdout(output):
            self.assertEqual(deploy.main([IN_AWS.name, "--dry-run", "--binaries", folder]), 0)
        for kind in STACKS:
            self.assertIn(IN_AWS.stack(kind), output.getvalue())


if __name__ == "__main__":
    unittest.main()
