"""What watches a stage: names that are there, metrics that cost little, and lines that CloudWatch would take."""

import copy
import json
import re
import unittest

from infra import templates
from infra.packages import doors
from infra.stage import STACKS
from infra.tests import emf

STAGE = "somewhere"
TEMPLATES = {kind: templates.packaged(kind, {door: {} for door in doors()}) for kind in STACKS}
WATCH = TEMPLATES["watch"]
# An account has so many free: metrics in alarms, metrics of its own, and metrics on one dashboard.
# Ten are free; each beyond costs 0.10 USD a month.
ALARM_METRICS = 12
FREE_OWN_METRICS = 10
LATEST_METRICS = 180
"""Seconds within which services have told their metrics."""
FREE_DASHBOARD_METRICS = 50


def named(value) -> str:
    """What CloudFormation makes of a `Sub` or a `Ref`; what it takes from elsewhere goes by its own name."""
    if isinstance(value, dict):
        value = value["Fn::Sub"] if "Fn::Sub" in value else "${" + value["Ref"] + "}"
    return re.sub(r"\$\{([\w:]+)\}", lambda found: STAGE if found[1] == "Stage" else found[1], value)


def resources(kind: str) -> dict[tuple[str, str], dict]:
    """By stack and name: two stacks may use one name."""
    return {(stack, name): r["Properties"] for stack, t in TEMPLATES.items() for name, r in t["Resources"].items() if r["Type"] == kind}


def metric(namespace: str, name: str, **dimensions: str) -> tuple:
    return namespace, name, tuple(sorted(dimensions.items()))


def in_alarm(alarm: dict) -> list[tuple]:
    parts = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query] or [alarm]
    return [
        metric(part["Namespace"], part["MetricName"], **{d["Name"]: named(d["Value"]) for d in part.get("Dimensions", [])}) for part in parts
    ]


def dashboard() -> list[dict]:
    body = WATCH["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    return json.loads(named(body))["widgets"]


def on_dashboard() -> list[tuple]:
    """A row has a namespace, a metric, dimensions in pairs, and how to draw it."""
    rows = [row for widget in dashboard() for row in widget["properties"].get("metrics", [])]
    words = [[word for word in row if isinstance(word, str)] for row in rows]
    return [metric(row[0], row[1], **dict(zip(row[2::2], row[3::2], strict=True))) for row in words]


def functions() -> set[str]:
    return {named(f["FunctionName"]) for f in resources("AWS::Lambda::Function").values()}


def queues() -> set[str]:
    return {named(q["QueueName"]) for q in resources("AWS::SQS::Queue").values()}


def dead_letters() -> set[str]:
    return {name for name in queues() if name.endswith("-dead-letters")}


class Alarms(unittest.TestCase):
    alarms = {name: alarm for (_, name), alarm in resources("AWS::CloudWatch::Alarm").items()}

    def test_every_dead_letter_is_watched(self):
        watched = {metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=name) for name in dead_letters()}
        self.assertEqual(set(in_alarm(self.alarms["DeadLetters"])), watched)

    def test_errors_are_those_of_pages_sockets_and_workflows(self):
        wanted = {
            metric("AWS/ApiGateway", "5xx", ApiId="PagesApi"),
            metric("AWS/Lambda", "Errors", FunctionName=f"shoebox-{STAGE}-live"),
            metric("AWS/States", "ExecutionsFailed", StateMachineArn="WorkflowArn"),
            metric("AWS/States", "ExecutionsFailed", StateMachineArn="LeavingArn"),
        }
        self.assertEqual(set(in_alarm(self.alarms["Errors"])), wanted)

    def test_what_is_filled_up_is_looked_at_again_when_its_metrics_come_late(self):
        for name, alarm in self.alarms.items():
            if any("FILL(" in query.get("Expression", "") for query in alarm.get("Metrics", [])):
                (period,) = {query["MetricStat"]["Period"] for query in alarm["Metrics"] if "MetricStat" in query}
                self.assertGreaterEqual(period * (alarm["EvaluationPeriods"] - alarm["DatapointsToAlarm"]), LATEST_METRICS, name)

    def test_what_waits_in_the_stream_is_watched(self):
        self.assertEqual(in_alarm(self.alarms["Untold"]), [metric("AWS/Lambda", "IteratorAge", FunctionName=f"shoebox-{STAGE}-changes")])

    def test_they_cost_next_to_nothing(self):
        self.assertLessEqual(sum(len(in_alarm(alarm)) for alarm in self.alarms.values()), ALARM_METRICS)

    def test_each_says_what_to_do_and_tells_its_end_and_sleeps_while_nobody_is_there(self):
        for name, alarm in self.alarms.items():
            self.assertIn(f"dashboard shoebox-{STAGE}", named(alarm["AlarmDescription"]), name)
            self.assertLessEqual(len(named(alarm["AlarmDescription"])), 1024, name)
            self.assertEqual(alarm["AlarmActions"], [{"Ref": "Alarms"}], name)
            self.assertEqual(alarm["OKActions"], [{"Ref": "Alarms"}], name)
            self.assertEqual(alarm["TreatMissingData"], "notBreaching", name)


class Dashboard(unittest.TestCase):
    def test_its_names_are_there(self):
        known = {
            "FunctionName": functions(),
            "QueueName": queues(),
            "Stage": {STAGE},
            "Format": {"webp", "jpeg"},
            "ApiId": {"PagesApi"},
            "TableName": {"TableName"},
            "StateMachineArn": {"WorkflowArn", "LeavingArn"},
            "GlobalSecondaryIndexName": {
                index["IndexName"] for table in resources("AWS::DynamoDB::Table").values() for index in table["GlobalSecondaryIndexes"]
            },
        }
        for namespace, name, dimensions in on_dashboard():
            for key, value in dimensions:
                self.assertIn(value, known[key], f"{namespace} {name}")
        self.assertLessEqual({"PagesApi", "TableName", "WorkflowArn"}, set(WATCH["Parameters"]))

    def test_each_door_and_each_queue_is_on_it(self):
        there = set(on_dashboard())
        for name in functions():
            self.assertLessEqual({metric("AWS/Lambda", what, FunctionName=name) for what in ("Errors", "Duration")}, there)
        for name in queues():
            what = "ApproximateNumberOfMessagesVisible" if name in dead_letters() else "ApproximateAgeOfOldestMessage"
            self.assertIn(metric("AWS/SQS", what, QueueName=name), there)

    def test_the_alarms_are_on_it_and_so_is_what_they_watch(self):
        shown = [arn.split(":alarm:")[1] for widget in dashboard() for arn in widget["properties"].get("alarms", [])]
        alarms = resources("AWS::CloudWatch::Alarm").values()
        self.assertEqual(sorted(shown), sorted(named(alarm["AlarmName"]) for alarm in alarms))
        self.assertLessEqual({one for alarm in alarms for one in in_alarm(alarm)}, set(on_dashboard()))

    def test_calls_that_find_no_room_are_on_it(self):
        self.assertIn(metric("AWS/Lambda", "Throttles"), on_dashboard())

    def test_failures_are_read_from_every_log(self):
        (query,) = [widget["properties"]["query"] for widget in dashboard() if widget["type"] == "log"]
        logs = {named(group["LogGroupName"]) for group in resources("AWS::Logs::LogGroup").values()}
        self.assertEqual(set(re.findall(r"SOURCE '([^']+)'", query)), logs)

    def test_it_is_free(self):
        shown = set(on_dashboard())
        self.assertLessEqual(len(shown), FREE_DASHBOARD_METRICS)
        self.assertLessEqual(len([one for one in shown if one[0] == "Shoebox"]), FREE_OWN_METRICS)

    def test_its_rows_are_full(self):
        widths = [widget["width"] for widget in dashboard()]
        row = 0
        for width in widths:
            row += width
            self.assertLessEqual(row, 24)
            row %= 24
        self.assertEqual(row, 0)


class EmbeddedMetrics(unittest.TestCase):
    line = {
        "_aws": {
            "Timestamp": 1_764_000_000_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shoebox",
                    "Dimensions": [["Stage"], ["Stage", "Format"]],
                    "Metrics": [{"Name": "TimeToRender", "Unit": "Milliseconds"}],
                }
            ],
        },
        "Stage": "test",
        "Format": "webp",
        "TimeToRender": 1234,
    }

    def changed(self, path: str, value) -> dict:
        """The line with another value at `path`; without it when the value is `...`."""
        document = copy.deepcopy(self.line)
        *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        place = document
        for step in way:
            place = place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value
        return document

    def test_a_sound_line_is_taken(self):
        self.assertEqual(emf.faults(self.line), [])
        for path, value in [
            ("TimeToRender", 0.5),
            ("TimeToRender", [1] * 100),
            ("_aws/CloudWatchMetrics/0/Metrics/0/Unit", ...),
            ("_aws/CloudWatchMetrics/0/Metrics/0/StorageResolution", 1),
            ("_aws/CloudWatchMetrics/0/Dimensions", [[]]),
        ]:
            with self.subTest(path):
                self.assertEqual(emf.faults(self.changed(path, value)), [])

    def test_a_line_of_another_shape_is_not(self):
        directive = "_aws/CloudWatchMetrics/0"
        for path, value in [
            ("_aws/Timestamp", ...),
            ("_aws/Timestamp", "2026-01-01"),
            ("_aws/Timestamp", 1_764_000_000),
            ("_aws/CloudWatchMetrics", ...),
            ("_aws/CloudWatchMetrics", []),
            ("_aws/Extra", 1),
            (f"{directive}/Namespace", ...),
            (f"{directive}/Namespace", ""),
            (f"{directive}/Namespace", "n" * 1025),
            (f"{directive}/Extra", 1),
            (f"{directive}/Dimensions", ...),
            (f"{directive}/Dimensions", []),
            (f"{directive}/Dimensions", ["Stage"]),
            (f"{directive}/Dimensions/0", [f"D{number}" for number in range(31)]),
            (f"{directive}/Dimensions/0/0", ":Stage"),
            (f"{directive}/Metrics", []),
            (f"{directive}/Metrics", [{"Name": "TimeToRender"}] * 101),
            (f"{directive}/Metrics/0/Name", ...),
            (f"{directive}/Metrics/0/Name", " "),
            (f"{directive}/Metrics/0/Name", "n" * 1025),
            (f"{directive}/Metrics/0/Unit", "milliseconds"),
            (f"{directive}/Metrics/0/StorageResolution", 30),
            (f"{directive}/Metrics/0/Extra", 1),
            ("TimeToRender", True),
            ("TimeToRender", None),
            ("TimeToRender", [1] * 101),
            ("TimeToRender", ["1"]),
        ]:
            with self.subTest(path, value=str(value)[:40]):
                # A place in the document comes first: the schema's fault, not a name's without its value.
                self.assertRegex("".join(emf.faults(self.changed(path, value))), r"^\$")

    def test_a_line_whose_names_have_no_values_is_not(self):
        for name, value in [("TimeToRender", ...), ("TimeToRender", "1234"), ("Stage", ...), ("Stage", 7), ("Stage", ""), ("Format", ...)]:
            with self.subTest(name, value=value):
                self.assertEqual(len(emf.faults(self.changed(name, value))), 1)

    def test_only_whole_lines_are_read(self):
        text = json.dumps(self.line)
        self.assertEqual(emf.parse(text), self.line)
        for other in ("START RequestId: 1", '{"level":"INFO"}', f"INFO {text}", "[]", "1"):
            self.assertIsNone(emf.parse(other))

    def test_what_is_measured(self):
        stage, both = (("Stage", "test"),), (("Format", "webp"), ("Stage", "test"))
        self.assertEqual(emf.measured(self.line), {("Shoebox", "TimeToRender", stage), ("Shoebox", "TimeToRender", both)})


if __name__ == "__main__":
    unittest.main()
