"""After a deploy: what the templates say took effect. CloudFormation's word is not enough, least of all at home."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from infra import secret, templates
from infra.packages import doors
from infra.stacks import Stack
from infra.stage import STACKS, Stage
from infra.wiring import page_origin


class Failed(Exception):
    """What does not hold, a line each."""


def run(stage: Stage, known: dict[str, str], web: bool = True) -> int:
    """Looks at every fact; answers how many hold, and raises when one does not."""
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
        *(lambda door=door: _smoke(stage, door) for door in doors() if door != "web"),
    ]
    with ThreadPoolExecutor(4) as pool:
        facts = [fact for group in pool.map(lambda look: list(look()), groups) for fact in group]
    wrong = [text for text, holds in facts if not holds]
    if wrong:
        raise Failed("the check found\n" + "\n".join(f"  not so: {text}" for text in wrong))
    return len(facts)


def _resources(kind: str, *stacks: str) -> list[tuple[str, dict]]:
    """The resources of one type in these stacks, or in all, as the templates have them."""
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
    yield "the table can be had as it was at any moment", recovery == "ENABLED"
    yield "the table cannot be deleted", table.get("DeletionProtectionEnabled") is True


def _protection(stage, known):
    pool = stage.client("cognito-idp").describe_user_pool(UserPoolId=known["UserPoolId"])["UserPool"]
    yield "the accounts cannot be deleted", pool.get("DeletionProtection") == "ACTIVE"
    yield "the stack of what lasts cannot be deleted", (Stack(stage, "state").describe() or {}).get("EnableTerminationProtection") is True


def _settings(stage):
    wanted = {_named(stage, p["Name"]) for _, p in _resources("AWS::SSM::Parameter")}
    there = stage.settings()
    for name in sorted(wanted):
        value = there.get(name.removeprefix(f"/shoebox/{stage.name}/"))
        yield f"the setting {name} has a value", bool(value) and "unknown.invalid" not in value


def _secret(stage):
    yield "the secret has its keys and the owner's code", {"media_keys", "link_keys", "edge_keys", "owner_code"} <= set(secret.read(stage))


def _queues(stage):
    client = stage.client("sqs")
    for _, properties in _resources("AWS::SQS::Queue"):
        name = _named(stage, properties["QueueName"])
        url = client.get_queue_url(QueueName=name)["QueueUrl"]
        there = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        if "RedrivePolicy" in properties:
            wanted = properties["RedrivePolicy"]["maxReceiveCount"]
            policy = json.loads(there.get("RedrivePolicy", "{}"))
            holds = int(policy.get("maxReceiveCount", 0)) == wanted and policy["deadLetterTargetArn"].endswith("-dead-letters")
            yield f"the queue {name} gives up after {wanted}", holds
            yield f"the queue {name} hides what is being worked on", int(there["VisibilityTimeout"]) == properties["VisibilityTimeout"]


def _mappings(stage):
    client = stage.client("lambda")
    wanted: dict[str, int] = {}
    for _, properties in _resources("AWS::Lambda::EventSourceMapping"):
        door = properties["FunctionName"]["Ref"].lower()
        wanted[door] = wanted.get(door, 0) + 1
    for door, count in wanted.items():
        there = client.list_event_source_mappings(FunctionName=f"shoebox-{stage.name}-{door}")["EventSourceMappings"]
        yield f"{door} has its {count} mappings, enabled", [m["State"] for m in there] == ["Enabled"] * count
        yield f"{door}'s mappings report single items", all("ReportBatchItemFailures" in m["FunctionResponseTypes"] for m in there)
        if door == "changes":
            yield "changes has dead letters", all(m.get("DestinationConfig", {}).get("OnFailure") for m in there)
            yield "changes hears only of what lasts or is told", all(m.get("FilterCriteria", {}).get("Filters") for m in there)


def _rules(stage, known):
    client = stage.client("events")
    for _, properties in _resources("AWS::Events::Rule"):
        name = _named(stage, properties["Name"])
        bus = known["BusName"] if "EventBusName" in properties else "default"
        targets = client.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
        state = client.describe_rule(Name=name, EventBusName=bus)["State"]
        yield f"the rule {name} is on and has its target", len(targets) == len(properties["Targets"]) and state == "ENABLED"


def _dead_letters(stage):
    client = stage.client("lambda")
    for _, properties in _resources("AWS::Lambda::EventInvokeConfig"):
        door = properties["FunctionName"]["Ref"].lower()
        there = client.get_function_event_invoke_config(
            FunctionName=f"shoebox-{stage.name}-{door}", Qualifier=properties["Qualifier"]
        )
        yield f"{door} has dead letters", there["DestinationConfig"]["OnFailure"]["Destination"].endswith(f"{door}-dead-letters")
        yield f"{door} is retried as said", there["MaximumRetryAttempts"] == properties["MaximumRetryAttempts"]


def _guarded(route: dict) -> tuple:
    """What a route takes and what it asks for, deployed or in its template."""
    return route["RouteKey"], route.get("AuthorizationType", "NONE"), tuple(route.get("AuthorizationScopes", ()))


def _routes(stage, known):
    client = stage.client("apigatewayv2")
    for api, stack in (("PagesApi", "pages"), ("SocketApi", "live")):
        wanted = [properties for _, properties in _resources("AWS::ApiGatewayV2::Route", stack)]
        routes = client.get_routes(ApiId=known[api])["Items"]
        yield f"{api} has its routes", {_guarded(route) for route in routes} == {_guarded(properties) for properties in wanted}
        yield f"{api}'s routes lead somewhere", all(route.get("Target") for route in routes)


def _bucket(stage, known):
    client, bucket = stage.client("s3"), known["OriginalsBucket"]
    notified = client.get_bucket_notification_configuration(Bucket=bucket)
    yield "originals tell of themselves on the default bus", "EventBridgeConfiguration" in notified
    yield "originals keep their versions", client.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    origins = client.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["AllowedOrigins"]
    yield "originals may be sent from the site", origins == [stage.setting("site-address")]


def _watch(stage, known):
    client, topic = stage.client("cloudwatch"), known["AlarmsTopic"]
    there = {alarm["AlarmName"]: alarm for alarm in client.describe_alarms(AlarmNamePrefix=f"shoebox-{stage.name}-")["MetricAlarms"]}
    for _, properties in _resources("AWS::CloudWatch::Alarm"):
        name = _named(stage, properties["AlarmName"])
        alarm = there.get(name, {})
        yield f"the alarm {name} tells when it fires and when it clears", alarm.get("AlarmActions") == alarm.get("OKActions") == [topic]
        yield f"the alarm {name} has all its metrics", len(alarm.get("Metrics", [])) == len(properties.get("Metrics", []))
    policy = stage.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    yield "alarms may tell the topic", "cloudwatch.amazonaws.com" in policy
    dashboard = client.get_dashboard(DashboardName=f"shoebox-{stage.name}")["DashboardBody"]
    yield "the dashboard has every name filled in", "${" not in dashboard


def _smoke(stage, door):
    answer = stage.client("lambda").invoke(FunctionName=f"shoebox-{stage.name}-{door}", Payload=b'{"smoke": true}')
    said = answer["Payload"].read().decode(errors="replace")
    try:
        holds = json.loads(said) == {"door": door, "ok": True}
    except ValueError:
        holds = False
    yield f"{door} answers its smoke test (said {said[:300]})", holds


def _status(address, headers):
    """The status of a GET, or what went wrong."""
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return error


def _at_door(stage, path):
    address = stage.setting("site-address")
    # Only browsers know that every *.localhost is this machine.
    return _status(f"{stage.endpoint}{path}", {"Host": address.split("//")[1]}) if stage.at_home else _status(f"{address}{path}", {})


def origin_status(stage: Stage, known: dict[str, str], path: str, **headers: str):
    """The status of a GET at the origin itself, the HTTP API's own address, or what went wrong."""
    origin = page_origin(stage, None, known)
    address = f"http://{origin['PageOriginDomain']}:{origin['PageOriginPort']}" if stage.at_home else f"https://{origin['PageOriginDomain']}"
    return _status(f"{address}{origin['PageOriginPath']}{path}", headers)


def _media(stage):
    said = _at_door(stage, "/media/no-photo/none/1/640")
    yield f"the front door refuses media without link and cookie (said {said})", said == 403


def _web(stage, known):
    said = _at_door(stage, "/healthz")
    yield f"web answers GET /healthz at the front door (said {said})", said == 200
    said = origin_status(stage, known, "/healthz")
    yield f"web refuses what does not come through the distribution (said {said})", said == 403
