"""Alarms and dashboard: existing names, low cost, and valid EMF log lines."""

import copy
import json
import re
import unittest

from infra import templates
from infra.functions import ALL as FUNCTIONS
from infra.stage import STACKS
from infra.tests import emf

STAGE = "somewhere"
TEMPLATES = {kind: templates.packaged(kind, {function: {} for function in FUNCTIONS}) for kind in STACKS}
WATCH = TEMPLATES["watch"]
# Alarm metrics: ten are free, each additional one costs 0.10 USD a month. The others are limits of the free tier.
ALARM_METRICS = 12
FREE_CUSTOM_METRICS = 10
METRICS_DELAY_SECONDS = 180
"""Seconds within which AWS services publish their metrics."""
FREE_DASHBOARD_METRICS = 50


def named(value) -> str:
    """The value of a `Sub` or `Ref`; other parameters and resources are replaced by their names."""
    if isinstance(value, dict):
        value = value["Fn::Sub"] if "Fn::Sub" in value else "${" + value["Ref"] + "}"
    return re.sub(r"\$\{([\w:]+)\}", lambda found: STAGE if found[1] == "Stage" else found[1], value)


def resources(kind: str) -> dict[tuple[str, str], dict]:
    """By stack and logical id, since two stacks may use the same id."""
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
    """A row has a namespace, a metric, pairs of dimension name and value, and rendering options."""
    rows = [row for widget in dashboard() for row in widget["properties"].get("metrics", [])]
    words = [[word for word in row if isinstance(word, str)] for row in rows]
    return [metric(row[0], row[1], **dict(zip(row[2::2], row[3::2], strict=True))) for row in words]


def functions() -> set[str]:
    return {named(f["FunctionName"]) for f in resources("AWS::Lambda::Function").values() if "FunctionName" in f}


def queues() -> set[str]:
    return {named(q["QueueName"]) for q in resources("AWS::SQS::Queue").values()}


def dead_letters() -> set[str]:
    return {name for name in queues() if name.endswith("-dead-letters")}


class Alarms(unittest.TestCase):
    alarms = {name: alarm for (_, name), alarm in resources("AWS::CloudWatch::Alarm").items()}

    def test_every_dead_letter_queue_has_an_alarm(self):
        watched = {metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=name) for name in dead_letters()}
        self.assertEqual(set(in_alarm(self.alarms["DeadLetters"])), watched)

    def test_errors_of_pages_sockets_and_workflows_have_an_alarm(self):
        wanted = {
            metric("AWS/ApiGateway", "5xx", ApiId="PagesApi"),
            metric("AWS/Lambda", "Errors", FunctionName=f"shoebox-{STAGE}-websocket"),
            metric("AWS/States", "ExecutionsFailed", StateMachineArn="WorkflowArn"),
            metric("AWS/States", "ExecutionsFailed", StateMachineArn="AccountDataWorkflowArn"),
        }
        self.assertEqual(set(in_alarm(self.alarms["Errors"])), wanted)

    def test_periods_with_fill_are_evaluated_again_after_the_metrics_delay(self):
        for name, alarm in self.alarms.items():
            if any("FILL(" in query.get("Expression", "") for query in alarm.get("Metrics", [])):
                (period,) = {query["MetricStat"]["Period"] for query in alarm["Metrics"] if "MetricStat" in query}
                self.assertGreaterEqual(period * (alarm["EvaluationPeriods"] - alarm["DatapointsToAlarm"]), METRICS_DELAY_SECONDS, name)

    def test_the_stream_s_iterator_age_has_an_alarm(self):
        self.assertEqual(in_alarm(self.alarms["StreamDelayed"]), [metric("AWS/Lambda", "IteratorAge", FunctionName=f"shoebox-{STAGE}-stream")])

    def test_they_cost_little(self):
        self.assertLessEqual(sum(len(in_alarm(alarm)) for alarm in self.alarms.values()), ALARM_METRICS)

    def test_each_has_a_description_and_actions_and_ignores_missing_data(self):
        for name, alarm in self.alarms.items():
            self.assertIn(f"dashboard shoebox-{STAGE}", named(alarm["AlarmDescription"]), name)
            self.assertLessEqual(len(named(alarm["AlarmDescription"])), 1024, name)
            self.assertEqual(alarm["AlarmActions"], [{"Ref": "Alarms"}], name)
            self.assertEqual(alarm["OKActions"], [{"Ref": "Alarms"}], name)
            self.assertEqual(alarm["TreatMissingData"], "notBreaching", name)


class Dashboard(unittest.TestCase):
    def test_its_names_exist(self):
        known = {
            "FunctionName": functions(),
            "QueueName": queues(),
            "Stage": {STAGE},
            "Format": {"webp", "jpeg"},
            "ApiId": {"PagesApi"},
            "TableName": {"TableName"},
            "StateMachineArn": {"WorkflowArn", "AccountDataWorkflowArn"},
            "GlobalSecondaryIndexName": {
                index["IndexName"] for table in resources("AWS::DynamoDB::Table").values() for index in table["GlobalSecondaryIndexes"]
            },
        }
        for namespace, name, dimensions in on_dashboard():
            for key, value in dimensions:
                self.assertIn(value, known[key], f"{namespace} {name}")
        self.assertLessEqual({"PagesApi", "TableName", "WorkflowArn"}, set(WATCH["Parameters"]))

    def test_it_shows_each_function_and_queue(self):
        shown = set(on_dashboard())
        for name in functions():
            self.assertLessEqual({metric("AWS/Lambda", what, FunctionName=name) for what in ("Errors", "Duration")}, shown)
        for name in queues():
            what = "ApproximateNumberOfMessagesVisible" if name in dead_letters() else "ApproximateAgeOfOldestMessage"
            self.assertIn(metric("AWS/SQS", what, QueueName=name), shown)

    def test_it_shows_the_alarms_and_their_metrics(self):
        shown = [arn.split(":alarm:")[1] for widget in dashboard() for arn in widget["properties"].get("alarms", [])]
        alarms = resources("AWS::CloudWatch::Alarm").values()
        self.assertEqual(sorted(shown), sorted(named(alarm["AlarmName"]) for alarm in alarms))
        self.assertLessEqual({one for alarm in alarms for one in in_alarm(alarm)}, set(on_dashboard()))

    def test_it_shows_throttles(self):
        self.assertIn(metric("AWS/Lambda", "Throttles"), on_dashboard())

    def test_its_query_covers_every_log_group(self):
        (query,) = [widget["properties"]["query"] for widget in dashboard() if widget["type"] == "log"]
        logs = {named(group["LogGroupName"]) for group in resources("AWS::Logs::LogGroup").values()}
        self.assertEqual(set(re.findall(r"SOURCE '([^']+)'", query)), logs)

    def test_it_is_free(self):
        shown = set(on_dashboard())
        self.assertLessEqual(len(shown), FREE_DASHBOARD_METRICS)
        self.assertLessEqual(len([one for one in shown if one[0] == "Shoebox"]), FREE_CUSTOM_METRICS)

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
        *parents, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        parent = document
        for step in parents:
            parent = parent[step]
        if value is ...:
            del parent[last]
        else:
            parent[last] = value
        return document

    def test_a_valid_line_has_no_faults(self):
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

    def test_a_line_that_violates_the_schema_has_faults(self):
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
                # A schema violation begins with its JSON path.
                self.assertRegex("".join(emf.faults(self.changed(path, value))), r"^\$")

    def test_a_name_without_a_value_is_a_fault(self):
        for name, value in [("TimeToRender", ...), ("TimeToRender", "1234"), ("Stage", ...), ("Stage", 7), ("Stage", ""), ("Format", ...)]:
            with self.subTest(name, value=value):
                self.assertEqual(len(emf.faults(self.changed(name, value))), 1)

    def test_other_lines_are_not_parsed(self):
        text = json.dumps(self.line)
        self.assertEqual(emf.parse(text), self.line)
        for other in ("START RequestId: 1", '{"level":"INFO"}', f"INFO {text}", "[]", "1"):
            self.assertIsNone(emf.parse(other))

    def test_measured_metrics_have_dimensions(self):
        stage, both = (("Stage", "test"),), (("Format", "webp"), ("Stage", "test"))
        self.assertEqual(emf.measured(self.line), {("Shoebox", "TimeToRender", stage), ("Shoebox", "TimeToRender", both)})


if __name__ == "__main__":
    unittest.main()
