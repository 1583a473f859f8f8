"""Checks after a deploy that the templates took effect, since CloudFormation, especially the local cloud's, may ignore properties."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from infra import functions, secret, templates
from infra.stack_parameters import page_origin
from infra.stacks import Stack
from infra.stage import STACKS, Stage


class Failed(Exception):
    """Checks that failed, a line each."""


def run(stage: Stage, known: dict[str, str], web: bool = True) -> int:
    """Runs all checks; returns their number, and raises if one fails."""
    groups = [
        lambda: _table(stage, known),
        lambda: _protection(stage, known),
        lambda: _settings(stage),
        lambda: _secret(stage),
        lambda: _queues(stage),
        lambda: _mappings(stage),
        lambda: _rules(stage, known),
        lambda: _dead_letters(stage),
        lambda: _routes(stage, known),
        lambda: _bucket(stage, known),
        lambda: _media(stage),
        lambda: _watch(stage, known),
        *([lambda: _web(stage, known)] if web else []),
        *(lambda function=function: _smoke(stage, function) for function in functions.ALL if function != "web"),
    ]
    with ThreadPoolExecutor(4) as pool:
        checks = [check for group in pool.map(lambda run: list(run()), groups) for check in group]
    wrong = [text for text, holds in checks if not holds]
    if wrong:
        raise Failed("checks failed\n" + "\n".join(f"  not true: {text}" for text in wrong))
    return len(checks)


def _resources(kind: str, *stacks: str) -> list[tuple[str, dict]]:
    """The templates' resources of one type, in these stacks or in all."""
    stacks = (templates.load(stack) for stack in stacks or STACKS)
    return [(name, r.get("Properties", {})) for t in stacks for name, r in t["Resources"].items() if r["Type"] == kind]


def _named(stage: Stage, sub) -> str:
    return sub["Fn::Sub"].replace("${Stage}", stage.name)


def _table(stage, known):
    client, name = stage.client("dynamodb"), known["TableName"]
    table = client.describe_table(TableName=name)["Table"]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    yield "the table's items expire by `ttl`", ttl["TimeToLiveStatus"] in ("ENABLED", "ENABLING") and ttl.get("AttributeName") == "ttl"
    yield "the table has its stream", table.get("StreamSpecification", {}).get("StreamViewType") == "NEW_AND_OLD_IMAGES"
    yield "the table has its indexes", {i["IndexName"] for i in table.get("GlobalSecondaryIndexes", [])} == {"timeline", "due"}
    yield "the table is on demand", table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    yield "the table has point-in-time recovery", recovery == "ENABLED"
    yield "the table has deletion protection", table.get("DeletionProtectionEnabled") is True


def _protection(stage, known):
    pool = stage.client("cognito-idp").describe_user_pool(UserPoolId=known["UserPoolId"])["UserPool"]
    yield "the user pool has deletion protection", pool.get("DeletionProtection") == "ACTIVE"
    yield "the stack state has termination protection", (Stack(stage, "state").describe() or {}).get("EnableTerminationProtection") is True


def _settings(stage):
    expected = {_named(stage, p["Name"]) for _, p in _resources("AWS::SSM::Parameter")}
    settings = stage.settings()
    for name in sorted(expected):
        value = settings.get(name.removeprefix(f"/shoebox/{stage.name}/"))
        yield f"the setting {name} has a value", bool(value) and "unknown.invalid" not in value


def _secret(stage):
    yield "the secret has its keys and the owner code", {"media_keys", "link_keys", "edge_keys", "owner_code"} <= set(secret.read(stage))


def _queues(stage):
    client = stage.client("sqs")
    for _, properties in _resources("AWS::SQS::Queue"):
        name = _named(stage, properties["QueueName"])
        url = client.get_queue_url(QueueName=name)["QueueUrl"]
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        if "RedrivePolicy" in properties:
            expected = properties["RedrivePolicy"]["maxReceiveCount"]
            policy = json.loads(attributes.get("RedrivePolicy", "{}"))
            holds = int(policy.get("maxReceiveCount", 0)) == expected and policy["deadLetterTargetArn"].endswith("-dead-letters")
            yield f"the queue {name} has dead letters after {expected} receives", holds
            yield f"the queue {name} has its visibility timeout", int(attributes["VisibilityTimeout"]) == properties["VisibilityTimeout"]


def _mappings(stage):
    client = stage.client("lambda")
    expected: dict[str, int] = {}
    for _, properties in _resources("AWS::Lambda::EventSourceMapping"):
        function = functions.of_resource(properties["FunctionName"]["Ref"])
        expected[function] = expected.get(function, 0) + 1
    for function, count in expected.items():
        mappings = client.list_event_source_mappings(FunctionName=f"shoebox-{stage.name}-{function}")["EventSourceMappings"]
        yield f"{function} has its {count} event source mappings, enabled", [m["State"] for m in mappings] == ["Enabled"] * count
        yield f"{function} reports batch item failures", all("ReportBatchItemFailures" in m["FunctionResponseTypes"] for m in mappings)
        if function == "stream":
            yield "stream has dead letters", all(m.get("DestinationConfig", {}).get("OnFailure") for m in mappings)
            yield "stream has event filters", all(m.get("FilterCriteria", {}).get("Filters") for m in mappings)


def _rules(stage, known):
    client = stage.client("events")
    for _, properties in _resources("AWS::Events::Rule"):
        name = _named(stage, properties["Name"])
        bus = known["BusName"] if "EventBusName" in properties else "default"
        targets = client.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
        state = client.describe_rule(Name=name, EventBusName=bus)["State"]
        yield f"the rule {name} is enabled and has its target", len(targets) == len(properties["Targets"]) and state == "ENABLED"


def _dead_letters(stage):
    client = stage.client("lambda")
    for _, properties in _resources("AWS::Lambda::EventInvokeConfig"):
        function = functions.of_resource(properties["FunctionName"]["Ref"])
        config = client.get_function_event_invoke_config(
            FunctionName=f"shoebox-{stage.name}-{function}", Qualifier=properties["Qualifier"]
        )
        yield f"{function} has dead letters", config["DestinationConfig"]["OnFailure"]["Destination"].endswith(f"{function}-dead-letters")
        yield f"{function} has its retry limit", config["MaximumRetryAttempts"] == properties["MaximumRetryAttempts"]


def _key_and_authorization(route: dict) -> tuple:
    """A route's key and authorization, from API Gateway or a template."""
    return route["RouteKey"], route.get("AuthorizationType", "NONE"), tuple(route.get("AuthorizationScopes", ()))


def _routes(stage, known):
    client = stage.client("apigatewayv2")
    for api, stack in (("PagesApi", "pages"), ("SocketApi", "live")):
        expected = [properties for _, properties in _resources("AWS::ApiGatewayV2::Route", stack)]
        routes = client.get_routes(ApiId=known[api])["Items"]
        yield f"{api} has its routes", {_key_and_authorization(route) for route in routes} == {_key_and_authorization(p) for p in expected}
        yield f"{api}'s routes have targets", all(route.get("Target") for route in routes)


def _bucket(stage, known):
    client, bucket = stage.client("s3"), known["OriginalsBucket"]
    notifications = client.get_bucket_notification_configuration(Bucket=bucket)
    yield "the originals' bucket sends events to EventBridge", "EventBridgeConfiguration" in notifications
    yield "the originals' bucket is versioned", client.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    origins = client.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["AllowedOrigins"]
    yield "the originals' bucket allows uploads from the site (CORS)", origins == [stage.setting("site-address")]


def _watch(stage, known):
    client, topic = stage.client("cloudwatch"), known["AlarmsTopic"]
    alarms = {alarm["AlarmName"]: alarm for alarm in client.describe_alarms(AlarmNamePrefix=f"shoebox-{stage.name}-")["MetricAlarms"]}
    for _, properties in _resources("AWS::CloudWatch::Alarm"):
        name = _named(stage, properties["AlarmName"])
        alarm = alarms.get(name, {})
        yield f"the alarm {name} notifies the topic in both states", alarm.get("AlarmActions") == alarm.get("OKActions") == [topic]
        yield f"the alarm {name} has all its metrics", len(alarm.get("Metrics", [])) == len(properties.get("Metrics", []))
    policy = stage.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    yield "alarms may publish to the topic", "cloudwatch.amazonaws.com" in policy
    dashboard = client.get_dashboard(DashboardName=f"shoebox-{stage.name}")["DashboardBody"]
    yield "the dashboard has no unresolved names", "${" not in dashboard


def _smoke(stage, function):
    response = stage.client("lambda").invoke(FunctionName=f"shoebox-{stage.name}-{function}", Payload=b'{"smoke": true}')
    text = response["Payload"].read().decode(errors="replace")
    try:
        holds = json.loads(text) == {"function": function, "ok": True}
    except ValueError:
        holds = False
    yield f"{function} passes its smoke test (response: {text[:300]})", holds


def _status(address, headers):
    """The status of a GET, or the error."""
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return error


def _site_status(stage, path):
    address = stage.setting("site-address")
    # Only browsers resolve *.localhost to this machine.
    return _status(f"{stage.endpoint}{path}", {"Host": address.split("//")[1]}) if stage.is_local else _status(f"{address}{path}", {})


def origin_status(stage: Stage, known: dict[str, str], path: str, **headers: str):
    """The status of a GET sent directly to the origin, the HTTP API, or the error."""
    origin = page_origin(stage, None, known)
    address = f"http://{origin['PageOriginDomain']}:{origin['PageOriginPort']}" if stage.is_local else f"https://{origin['PageOriginDomain']}"
    return _status(f"{address}{origin['PageOriginPath']}{path}", headers)


def _media(stage):
    status = _site_status(stage, "/media/no-photo/none/1/640")
    yield f"the distribution rejects media requests without signed link and cookie (status {status})", status == 403


def _web(stage, known):
    status = _site_status(stage, "/healthz")
    yield f"web responds to GET /healthz through the distribution (status {status})", status == 200
    status = origin_status(stage, known, "/healthz")
    yield f"web rejects requests that bypass the distribution (status {status})", status == 403
