"""What a deploy sends, without a network."""

import io
import json
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from infra import build, concurrency, deploy, secret, site, templates, wiring
from infra.packages import NotBuilt, doors, package
from infra.stacks import Stack, StackFailed
from infra.stage import STACKS, Stage

AWAY = Stage("somewhere")
HOME = Stage("home", 4566)
CODE = {door: {"S3Bucket": "b", "S3Key": door} for door in doors()}


class Packages(unittest.TestCase):
    def test_equal_binaries_give_equal_packages(self):
        with TemporaryDirectory() as folder:
            Path(folder, "web").write_bytes(b"binary")
            one, two = (package(AWAY, "web", "x86_64", Path(folder)) for _ in range(2))
            self.assertEqual(one.key, two.key)
            Path(folder, "web").write_bytes(b"another")
            self.assertNotEqual(one.key, package(AWAY, "web", "x86_64", Path(folder)).key)

    def test_what_is_not_built_is_not_sent(self):
        with TemporaryDirectory() as folder, self.assertRaises(NotBuilt):
            package(AWAY, "web", "x86_64", Path(folder))

    def test_at_home_a_rebuild_is_no_new_package(self):
        self.assertEqual(package(HOME, "web", "x86_64").key, package(HOME, "web", "x86_64").key)


class Build(unittest.TestCase):
    def test_the_standard_library_of_another_architecture_is_installed_once(self):
        add = ["rustup", "target", "add", "aarch64-unknown-linux-gnu"]
        for there, commands in ((False, [add]), (True, [])):
            with patch.object(build, "has_std", return_value=there) as asked:
                self.assertEqual(build.tools_for_aws("arm64")[1:], commands)
            asked.assert_called_once_with("aarch64-unknown-linux-gnu")


class Texting(unittest.TestCase):
    def told(self, stage: Stage, *arguments: str) -> dict:
        return deploy.texting(stage, deploy.parsed([stage.name, *arguments]))

    def test_what_is_not_told_stays(self):
        self.assertEqual(self.told(AWAY), {})
        told = self.told(AWAY, "--text-messages", "sent", "--text-countries", "44,49")
        self.assertEqual(told, {"TextMessages": "sent", "TextCountries": "44,49"})
        self.assertEqual(self.told(AWAY, "--texts-a-day", "20"), {"TextsADay": "20"})
        self.assertEqual(self.told(HOME)["TextMessages"], "sent")

    def test_they_are_sent_to_countries_that_are_named(self):
        for bad in (["--text-messages", "sent"], ["--text-countries", "+44"], ["--text-countries", "44, 49"], ["--texts-a-day", "many"]):
            with self.subTest(bad), redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
                self.told(AWAY, *bad)
        parameters = templates.load("notices")["Parameters"]
        self.assertEqual([parameters[name]["Default"] for name in ("TextMessages", "TextCountries")], ["none", "none"])


class Providers(unittest.TestCase):
    def given(self, there: dict, *arguments: str) -> dict:
        with patch.object(secret, "read", return_value=there):
            return deploy.providers(AWAY, deploy.parsed(["somewhere", *arguments]))

    def test_none_is_set_up_unasked_and_each_ends_when_empty(self):
        self.assertEqual(self.given({}), {})
        self.assertEqual(self.given({}, "--google", ""), {"GoogleClient": ""})
        self.assertEqual(self.given({}, "--oidc", ""), {"OidcIssuer": "", "OidcClient": "", "OidcName": "OpenID"})

    def test_each_wants_its_secret_first(self):
        oidc = ("--oidc", "https://id.example", "client", "Family")
        for name, arguments in (("google", ("--google", "client")), ("facebook", ("--facebook", "app")), ("oidc", oidc)):
            with self.assertRaisesRegex(secret.Missing, f"OF={name}"):
                self.given({}, *arguments)
            self.assertIn(f"{name.capitalize()}Client", self.given({f"{name}_secret": "s"}, *arguments))
        with redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            deploy.parsed(["somewhere", "--oidc", "https://id.example"])

    def test_their_secrets_stand_in_no_template(self):
        resources = templates.packaged("state", CODE)["Resources"].values()
        details = [r["Properties"]["ProviderDetails"] for r in resources if r["Type"] == "AWS::Cognito::UserPoolIdentityProvider"]
        resolved = [one["client_secret"]["Fn::Sub"] for one in details]
        where = "{{resolve:secretsmanager:shoebox/${Stage}:SecretString:%s_secret}}"
        self.assertEqual(sorted(resolved), sorted(where % name for name in secret.PROVIDERS))

    def test_what_a_provider_gave_stays_when_keys_are_made(self):
        with patch.object(secret, "read", return_value={"google_secret": "s", "owner_code": "c"}), patch.object(secret, "write") as write:
            secret.fill(AWAY)
        written = write.call_args.args[1]
        self.assertEqual((written["google_secret"], written["owner_code"]), ("s", "c"))


class EdgeKeys(unittest.TestCase):
    def ring(self, *names: str) -> list[dict]:
        return [{"id": str(len(names) - at), "key": name, "made_at": 0} for at, name in enumerate(names)]

    def renewed(self, ring: list[dict], sent: str | None) -> list[dict]:
        there = {"media_keys": [], "link_keys": [], "owner_code": "c", "edge_keys": ring}
        with patch.object(secret, "read", return_value=there), patch.object(secret, "write") as write:
            secret.renew_edge_key(AWAY, sent and secret.stamp({"key": sent}))
        written = write.call_args.args[1]
        self.assertEqual(written["owner_code"], "c")
        return written["edge_keys"]

    def test_the_one_that_the_edge_sends_stays_good(self):
        for ring, sent, kept in [
            (self.ring("a"), "a", ["a"]),
            (self.ring("b", "a"), "b", ["b"]),
            # A deploy ended before the edge was told.
            (self.ring("b", "a"), "a", ["a"]),
            (self.ring("a"), None, []),
        ]:
            with self.subTest(sent=sent, ring=ring):
                new, *others = self.renewed(ring, sent)
                self.assertEqual([key["key"] for key in others], kept)
                self.assertGreaterEqual(len(new["key"]), 32)
                self.assertNotIn(new["id"], [key["id"] for key in ring])

    def test_each_stage_has_another(self):
        made = []
        for _ in range(2):
            with patch.object(secret, "read", return_value={}), patch.object(secret, "write"):
                made.append(secret.fill(AWAY)["edge_keys"][0]["key"])
        self.assertNotEqual(*made)

    def test_functions_that_read_the_secret_start_anew_with_another(self):
        for kind, anew in (("pages", True), ("develop", False)):
            template = templates.packaged(kind, CODE)
            one, other = (wiring.settings_stamp(template, {}, self.ring(*names)) for names in ("a", "ba"))
            self.assertEqual(one != other, anew, kind)

    def test_the_edge_sends_the_newest_to_web_alone(self):
        edge = templates.packaged("edge", CODE)
        told = wiring.edge_key(self.ring("b", "a"))
        self.assertEqual(told, {"EdgeKey": "b", "EdgeKeyStamp": secret.stamp({"key": "b"})})
        self.assertIs(edge["Parameters"]["EdgeKey"]["NoEcho"], True)
        origins = edge["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["Origins"]
        headers = {origin["Id"]: origin.get("OriginCustomHeaders", []) for origin in origins}
        sent = [{"HeaderName": secret.EDGE_HEADER, "HeaderValue": {"Ref": "EdgeKey"}}]
        self.assertEqual(headers, {"pages": sent, "site": [], "media": []})
        self.assertEqual(json.dumps(edge).count('{"Ref": "EdgeKey"}'), 1, "and shows it nowhere")

    def test_an_edge_that_has_none_learns_it_before_web_wants_it(self):
        stands = {"DistributionId": "E1"}
        for outputs, first in (({}, ["state", "pages"]), (stands | {"EdgeKeyStamp": "1"}, ["state", "pages"]), (stands, ["state", "edge"])):
            with patch.object(Stack, "outputs", return_value=outputs):
                kinds = deploy.in_order(AWAY, None)
                self.assertEqual((kinds[:2], sorted(kinds)), (first, sorted(STACKS)))
                self.assertEqual(deploy.in_order(AWAY, "edge"), ["edge"])
        with patch.object(Stack, "outputs", return_value=stands), self.assertRaisesRegex(StackFailed, "deploy `edge` first"):
            deploy.in_order(AWAY, "pages")


class Templates(unittest.TestCase):
    def setUp(self):
        self.all = {kind: templates.packaged(kind, CODE) for kind in STACKS}

    def resources(self, kind):
        return [(name, r["Properties"]) for t in self.all.values() for name, r in t["Resources"].items() if r["Type"] == kind]

    def test_short_forms_are_resolved(self):
        text = json.dumps(self.all)
        self.assertNotIn('"door:', text)
        self.assertNotIn('"file:', text)

    def test_each_parameter_comes_from_somewhere(self):
        # The edge's key comes from the secret, which `state` has.
        known = {"Stage", "HomePort", "Architecture", "SettingsStamp", "EdgeKey", "EdgeKeyStamp"} | set(self.all["state"]["Outputs"])
        for kind in STACKS:
            wanted = {name for name, said in self.all[kind].get("Parameters", {}).items() if "Default" not in said}
            self.assertLessEqual(wanted, known, f"{kind} cannot stand after `state` alone")

    def test_no_two_stacks_say_the_same(self):
        outputs = [name for template in self.all.values() for name in template.get("Outputs", {})]
        self.assertEqual(sorted(outputs), sorted(set(outputs)))

    def test_each_door_has_a_function_a_role_and_logs_of_its_own(self):
        functions = dict(self.resources("AWS::Lambda::Function"))
        self.assertEqual(sorted(f["Code"]["S3Key"] for f in functions.values()), sorted(doors()))
        self.assertEqual(len({json.dumps(f["Role"]) for f in functions.values()}), len(functions))
        self.assertEqual(len({json.dumps(f["LoggingConfig"]) for f in functions.values()}), len(functions))
        for function in functions.values():
            told = {"SHOEBOX_STAGE": {"Ref": "Stage"}, "SHOEBOX_SETTINGS": {"Ref": "SettingsStamp"}}
            self.assertEqual(function["Environment"]["Variables"], told)

    def test_a_role_may_do_each_thing_to_rows_by_one_statement(self):
        for name, role in self.resources("AWS::IAM::Role"):
            statements = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"] if "LeadingKeys" in json.dumps(s)]
            actions = [action for s in statements for action in (s["Action"] if isinstance(s["Action"], list) else [s["Action"]])]
            self.assertEqual(sorted(actions), sorted(set(actions)), name)

    def test_workflows_log_what_fails_and_nothing_that_they_carry(self):
        machines = self.resources("AWS::StepFunctions::StateMachine")
        self.assertEqual(len(machines), 2)
        for _, machine in machines:
            logging = machine["LoggingConfiguration"]
            self.assertEqual((logging["Level"], logging["IncludeExecutionData"]), ("ERROR", False))
            self.assertEqual(len(logging["Destinations"]), 1)

    def test_logs_end(self):
        for _, properties in self.resources("AWS::Logs::LogGroup"):
            self.assertEqual(properties["RetentionInDays"], 30)

    def test_what_must_last_is_retained(self):
        lasting = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::SecretsManager::Secret")
        for name, resource in self.all["state"]["Resources"].items():
            if resource["Type"] in lasting:
                self.assertEqual((resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")), ("Retain", "Retain"), name)

    def test_what_must_last_is_protected(self):
        table = dict(self.resources("AWS::DynamoDB::Table"))["Table"]
        self.assertEqual(table["DeletionProtectionEnabled"], {"Fn::If": ["Protect", True, False]})
        self.assertIs(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], True)
        pool = dict(self.resources("AWS::Cognito::UserPool"))["UserPool"]
        self.assertEqual(pool["DeletionProtection"], {"Fn::If": ["Protect", "ACTIVE", "INACTIVE"]})

    def test_the_pool_lets_nobody_in_past_web(self):
        pool = dict(self.resources("AWS::Cognito::UserPool"))["UserPool"]
        self.assertEqual(pool["AdminCreateUserConfig"], {"AllowAdminCreateUserOnly": True})
        self.assertEqual([one["Name"] for one in pool["AccountRecoverySetting"]["RecoveryMechanisms"]], ["admin_only"])
        self.assertNotIn("AutoVerifiedAttributes", pool, "Cognito would mail codes for them")
        clients = dict(self.resources("AWS::Cognito::UserPoolClient"))
        self.assertIs(clients["UserPoolClient"]["GenerateSecret"], True)
        for name, properties in clients.items():
            flows = set(properties["ExplicitAuthFlows"])
            self.assertIn("ALLOW_REFRESH_TOKEN_AUTH", flows, f"Cognito refuses {name}: REFRESH_TOKEN_AUTH should always be allowed")
            self.assertTrue(properties["GenerateSecret"] or flows == {"ALLOW_REFRESH_TOKEN_AUTH"}, f"{name} proves passwords to anybody")
            self.assertNotIn("aws.cognito.signin.user.admin", properties.get("AllowedOAuthScopes", []), f"{name}'s tokens change their user")
        for name in ("UserPoolClient", "ApiClient"):
            self.assertEqual(clients[name]["WriteAttributes"], ["locale"], name)

    def test_passkeys_wait_for_the_site_s_address(self):
        state = self.all["state"]
        unknown = state["Parameters"]["SiteAddress"]["Default"]
        self.assertEqual(state["Conditions"]["KnowsSite"], {"Fn::Not": [{"Fn::Equals": [{"Ref": "SiteAddress"}, unknown]}]})
        pool = state["Resources"]["UserPool"]["Properties"]
        factors = pool["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]
        said = [value for name, value in pool.items() if name.startswith("WebAuthn")] + [one for one in factors if one != "PASSWORD"]
        self.assertEqual(len(said), 4)
        for value in said:
            condition, _, otherwise = value["Fn::If"]
            self.assertEqual((condition, otherwise), ("KnowsSite", {"Ref": "AWS::NoValue"}))

    def test_no_original_expires(self):
        for rule in dict(self.resources("AWS::S3::Bucket"))["Originals"]["LifecycleConfiguration"]["Rules"]:
            ends = {name for name in rule if "Expir" in name}
            if ends:
                self.assertEqual((rule["Prefix"], ends), ("sidecars/", {"NoncurrentVersionExpiration", "ExpiredObjectDeleteMarker"}))

    def test_a_queue_hides_a_message_six_times_as_long_as_its_function_runs(self):
        timeout = dict(self.resources("AWS::Lambda::Function"))["Render"]["Timeout"]
        for name, queue in self.resources("AWS::SQS::Queue"):
            if "RedrivePolicy" in queue:
                self.assertGreaterEqual(queue["VisibilityTimeout"], 6 * timeout, name)

    def test_every_order_says_whose_it_is(self):
        machine = json.loads(self.all["develop"]["Resources"]["Workflow"]["Properties"]["DefinitionString"])
        orders = [state for states, _ in _machines(machine) for state in states.values() if "sns:publish" in state.get("Resource", "")]
        self.assertEqual(len(orders), 5)
        for order in orders:
            self.assertIn(order["Parameters"]["MessageGroupId.$"], ("$.library", "$.job.library"))

    def test_every_queue_holds_back_what_it_starts(self):
        for name, mapping in self.resources("AWS::Lambda::EventSourceMapping"):
            if "Queue" in json.dumps(mapping["EventSourceArn"]):
                self.assertIn("MaximumConcurrency", mapping.get("ScalingConfig", {}), name)

    def test_the_token_outlasts_every_delivery(self):
        queue = dict(self.resources("AWS::SQS::Queue"))["WebpQueue"]
        machine = json.loads(self.all["develop"]["Resources"]["Workflow"]["Properties"]["DefinitionString"])
        deliveries = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
        inspect = machine["States"]["Inspect"]
        (again,) = [retry["MaxAttempts"] for retry in inspect["Retry"] if retry["ErrorEquals"] == ["States.Timeout"]]
        self.assertGreaterEqual(inspect["TimeoutSeconds"] * (1 + again), queue["MessageRetentionPeriod"] + deliveries)
        for formats in ("Render", "Render later"):
            states = machine["States"][formats]["ItemProcessor"]["States"]
            self.assertGreaterEqual(states["Format"]["TimeoutSeconds"], deliveries)
            self.assertGreaterEqual(states["Format again"]["TimeoutSeconds"], queue["MessageRetentionPeriod"] + deliveries)
            self.assertEqual(states["Format"]["Parameters"], states["Format again"]["Parameters"])
            self.assertLessEqual(states["Format"]["TimeoutSeconds"], 3600, "an order that nobody heard is not waited for much longer")

    def test_the_workflow_leads_somewhere(self):
        machine = json.loads(self.all["develop"]["Resources"]["Workflow"]["Properties"]["DefinitionString"])
        for states, start in _machines(machine):
            self.assertIn(start, states)
            for name, state in states.items():
                ways = [state.get("Next"), state.get("Default"), *(rule["Next"] for key in ("Choices", "Catch") for rule in state.get(key, []))]
                self.assertLessEqual({way for way in ways if way}, set(states), name)
                ends = state.get("End") or state["Type"] in ("Succeed", "Fail") or any(ways)
                self.assertTrue(ends, f"{name} leads nowhere")


def _machines(machine):
    yield machine["States"], machine["StartAt"]
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from _machines(state["ItemProcessor"])


class Parameters(unittest.TestCase):
    def test_known_before_previous_before_default(self):
        stack = object.__new__(Stack)
        stack.name = "s"
        template = {"Parameters": {"A": {}, "B": {"Default": "b"}, "C": {"Default": "c"}}}
        current = {"Parameters": [{"ParameterKey": "B", "ParameterValue": "kept"}]}
        self.assertEqual(stack._parameters(template, {"A": "new"}, current), {"A": "new", "B": "kept", "C": "c"})

    def test_what_cloudformation_hides_is_not_taken_for_a_value(self):
        stack = object.__new__(Stack)
        stack.name = "s"
        template = {"Parameters": {"Key": {"NoEcho": True}, "Stamp": {}}}
        current = {"Parameters": [{"ParameterKey": "Key", "ParameterValue": "****"}, {"ParameterKey": "Stamp", "ParameterValue": "1"}]}
        self.assertEqual(stack._parameters(template, {}, current), {"Key": None, "Stamp": "1"})
        with patch.object(Stack, "template", return_value=template):
            self.assertTrue(stack._unchanged(template, {"Key": "a", "Stamp": "1"}, current))
            self.assertFalse(stack._unchanged(template, {"Key": "b", "Stamp": "2"}, current))


class Stuck(unittest.TestCase):
    """A stage of which one stack's last update could not be taken back."""

    def setUp(self):
        self.stuck = "notices"

        class Cloud:
            """What CloudFormation says of the stacks. It can do nothing else."""

            def describe_stacks(_, StackName: str) -> dict:
                status = "UPDATE_ROLLBACK_FAILED" if StackName.endswith(self.stuck) else "UPDATE_COMPLETE"
                return {"Stacks": [{"StackName": StackName, "StackStatus": status}]}

            def describe_stack_events(_, StackName: str) -> dict:
                failed = {"LogicalResourceId": "Sender", "ResourceStatus": "UPDATE_FAILED", "ResourceStatusReason": "it is used elsewhere"}
                return {"StackEvents": [failed, {"LogicalResourceId": "Clock", "ResourceStatus": "UPDATE_COMPLETE"}]}

        cloud = patch.object(Stage, "client", return_value=Cloud())
        cloud.start()
        self.addCleanup(cloud.stop)

    def test_it_is_said_what_failed_and_how_to_go_on(self):
        with self.assertRaises(StackFailed) as failed:
            Stack(HOME, "notices").deploy(templates.load("notices"), {})
        said = str(failed.exception)
        where = "--stack-name shoebox-home-notices --region eu-west-1"
        for line in ("UPDATE_ROLLBACK_FAILED", "Sender: it is used elsewhere", f"continue-update-rollback {where}", f"stack-rollback-complete {where}"):
            self.assertIn(line, said)
        self.assertNotIn("Clock", said)

    def test_the_edge_goes_on_where_it_stands(self):
        self.stuck = "edge"
        with self.assertRaisesRegex(StackFailed, "--stack-name shoebox-home-edge --region us-east-1"):
            Stack(HOME, "edge").refuse_stuck()

    def test_nothing_is_told_to_the_others_meanwhile(self):
        for arguments in ([], ["--only", "state"]):
            with patch.object(deploy, "bring") as brought, self.assertRaisesRegex(StackFailed, "shoebox-home-notices"):
                deploy.deploy(HOME, deploy.parsed([HOME.name, *arguments]))
            brought.assert_not_called()

    def test_others_are_not_held_up(self):
        Stack(HOME, "state").refuse_stuck()


class Wiring(unittest.TestCase):
    edge = {"DistributionDomain": "d123.cloudfront.net", "DistributionId": "E1"}

    def test_nothing_is_told_of_what_does_not_stand(self):
        self.assertEqual(wiring.site_address(AWAY, {}), {})
        self.assertEqual(wiring.page_origin(AWAY, None, {}), {})

    def test_a_name_of_its_own_stays(self):
        named = self.edge | {"DomainName": "photos.example.org"}
        self.assertEqual(wiring.site_address(AWAY, named)["SiteAddress"], "https://photos.example.org")

    def test_what_must_last_is_protected_once_it_stands(self):
        for outputs, protected in (({}, "no"), ({"TableName": "t"}, "yes")):
            stacks = object.__new__(wiring.Wiring)
            stacks.stage, stacks.pages, stacks.outputs = HOME, None, outputs
            with patch.object(Stage, "settings", return_value={}):
                self.assertEqual(stacks.known(templates.load("state"))["Protected"], protected)

    def test_at_home_and_away(self):
        self.assertEqual(wiring.site_address(HOME, self.edge)["SiteAddress"], "http://d123.cloudfront.localhost:4566")
        self.assertEqual(wiring.site_address(AWAY, self.edge)["SiteAddress"], "https://d123.cloudfront.net")

    def test_the_watch_server_goes_before_the_api(self):
        api = {"PagesApi": "a1", "PagesDomain": "a1.example.org"}
        self.assertEqual(wiring.page_origin(AWAY, None, api)["PageOriginDomain"], "a1.example.org")
        self.assertEqual(wiring.page_origin(HOME, "127.0.0.1:3000", api)["PageOriginPort"], "3000")

    def test_what_is_given_goes_before_what_the_stacks_said_last(self):
        standing = object.__new__(wiring.Wiring)
        standing.stage, standing.pages = HOME, None
        standing.outputs = {"DomainName": "old.example.org", "MediaDomain": "media.example.org"}
        given = {"DomainName": "new.example.org", "HostedZoneId": "Z1"}
        with patch.object(Stage, "settings", return_value={}), patch.object(Stack, "deploy", return_value=({}, True)) as deployed:
            standing.bring("edge", templates.load("edge"), given)
        told = deployed.call_args.args[1]
        self.assertEqual((told["DomainName"], told["HostedZoneId"]), ("new.example.org", "Z1"))
        self.assertEqual(told["MediaDomain"], "media.example.org")

    def test_the_stamp_follows_the_settings_that_are_read(self):
        develop = templates.packaged("develop", CODE)
        one, other, unread = (wiring.settings_stamp(develop, {"table": table, "bus": bus}, []) for table, bus in ("aa", "ba", "ab"))
        self.assertNotEqual(one, other)
        self.assertEqual(one, unread)


class Concurrency(unittest.TestCase):
    def test_queues_leave_a_new_account_some_functions_for_its_pages(self):
        self.assertLessEqual(concurrency.by_queues(), 6)

    def test_an_account_with_little_room_is_told_and_another_is_not(self):
        enough = concurrency.by_queues() + concurrency.BESIDE_QUEUES
        self.assertIn("runs 10 functions at once, and an import takes 6", concurrency.shortage(10))
        self.assertIn(f"at least {enough} ", concurrency.shortage(enough - 1))
        self.assertEqual((concurrency.shortage(enough), concurrency.shortage(1000)), (None, None))


class Site(unittest.TestCase):
    def test_only_hashed_names_are_kept_for_ever(self):
        self.assertIn("immutable", site.headers(Path("pkg/shoebox.lBf2xPPM3HDrE2pX9YHHnw.wasm"))["CacheControl"])
        self.assertEqual(site.headers(Path("pkg/shoebox.wasm")), {"ContentType": "application/wasm", "CacheControl": "no-cache"})


class DryRun(unittest.TestCase):
    def test_the_site_is_that_of_the_folder_that_is_named(self):
        said = io.StringIO()
        with TemporaryDirectory() as folder, redirect_stdout(said):
            (Path(folder) / "shoebox.wasm").write_bytes(b"\0asm")
            deploy.main([AWAY.name, "--dry-run", "--site", folder])
        assets = [line.split()[1:] for line in said.getvalue().splitlines() if line.split()[:1] == ["asset"]]
        self.assertEqual(assets, [["shoebox.wasm", "4", "bytes,", "asked", "each", "time"]])

    def test_templates_fit_and_are_written(self):
        said = io.StringIO()
        with TemporaryDirectory() as folder, redirect_stdout(said):
            self.assertEqual(deploy.main([AWAY.name, "--dry-run", "--binaries", folder]), 0)
        for kind in STACKS:
            self.assertIn(AWAY.stack(kind), said.getvalue())


if __name__ == "__main__":
    unittest.main()
