"""Alarms of a deployed stage in both states, and metrics in the functions' logs."""

import json
import time
import unittest
from datetime import datetime, timedelta, timezone

from infra.functions import ALL as FUNCTIONS
from infra.stage import Stage
from infra.tests import emf, test_watch

STAGE = Stage.named("test")
TIMEOUT_SECONDS = 120


def until(poll):
    """The first truthy result of `poll`; fails after a timeout."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        result = poll()
        if result:
            return result
        time.sleep(STAGE.pause)
    raise AssertionError(f"timed out after {TIMEOUT_SECONDS} s")


class Alarms(unittest.TestCase):
    """Metrics are put by the tests, since the local cloud has none of queues and APIs, and does not parse logs."""

    @classmethod
    def setUpClass(cls):
        cls.cloudwatch, cls.sqs, sns = (STAGE.client(service) for service in ("cloudwatch", "sqs", "sns"))
        name = f"shoebox-{STAGE.name}-alarms"
        topic = next(t["TopicArn"] for t in sns.list_topics()["Topics"] if t["TopicArn"].endswith(f":{name}"))
        cls.mailbox = cls.sqs.create_queue(QueueName=f"{name}-test-{time.time_ns()}")["QueueUrl"]
        cls.addClassCleanup(cls.sqs.delete_queue, QueueUrl=cls.mailbox)
        arn = cls.sqs.get_queue_attributes(QueueUrl=cls.mailbox, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            },
        }
        cls.sqs.set_queue_attributes(QueueUrl=cls.mailbox, Attributes={"Policy": json.dumps(policy)})
        subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}, ReturnSubscriptionArn=True)
        cls.addClassCleanup(sns.unsubscribe, SubscriptionArn=subscription["SubscriptionArn"])

    def alarm(self, name: str) -> dict:
        (alarm,) = self.cloudwatch.describe_alarms(AlarmNames=[f"shoebox-{STAGE.name}-{name}"])["MetricAlarms"]
        return alarm

    def put(self, namespace: str, metric: str, dimensions: dict[str, str], value: float, at: datetime) -> None:
        datum = {
            "MetricName": metric,
            "Dimensions": [{"Name": key, "Value": dimension} for key, dimension in dimensions.items()],
            "Timestamp": at,
            "Values": [value],
            "Counts": [10_000],  # outweighs data points of earlier runs
        }
        self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])

    def notified_state(self, name: str) -> str | None:
        """The state in the next notification of this alarm."""
        response = self.sqs.receive_message(QueueUrl=self.mailbox, WaitTimeSeconds=1)
        for message in response.get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.mailbox, ReceiptHandle=message["ReceiptHandle"])
            body = json.loads(message["Body"])
            if body["AlarmName"] == f"shoebox-{STAGE.name}-{name}":
                return body["NewStateValue"]
        return None

    def assert_fires_and_clears(self, name: str, measure) -> None:
        """`measure(healthy, at)` puts the metric of a healthy or unhealthy stage at a time."""
        alarm = self.alarm(name)
        evaluated = timedelta(seconds=alarm["Period"] * alarm["EvaluationPeriods"])
        # Just inside the evaluation periods, or the alarm would stay for their whole duration.
        long_ago = evaluated - timedelta(seconds=1)

        def is_now(state: str, healthy: bool, ago: timedelta) -> bool:
            measure(healthy, datetime.now(timezone.utc) - ago)
            return self.alarm(name)["StateValue"] == state

        until(lambda: is_now("ALARM", False, long_ago))
        self.assertEqual(until(lambda: self.notified_state(name)), "ALARM")
        until(lambda: is_now("OK", True, timedelta()))
        self.assertEqual(until(lambda: self.notified_state(name)), "OK")

    def message_count(self, url: str) -> int:
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def test_a_dead_letter_in_any_queue(self):
        for queue in sorted(name.replace(test_watch.STAGE, STAGE.name) for name in test_watch.dead_letters()):
            url = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]

            def measure(healthy: bool, at: datetime, queue=queue, url=url):
                if healthy:
                    self.sqs.purge_queue(QueueUrl=url)
                elif not self.message_count(url):
                    self.sqs.send_message(QueueUrl=url, MessageBody="a dead letter of a test")
                self.put("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, self.message_count(url), at)

            with self.subTest(queue):
                self.assert_fires_and_clears("dead-letters", measure)

    def test_an_error_page(self):
        (api,) = [api["ApiId"] for api in STAGE.client("apigatewayv2").get_apis()["Items"] if api["Name"] == f"shoebox-{STAGE.name}-pages"]
        self.assert_fires_and_clears("errors", lambda healthy, at: self.put("AWS/ApiGateway", "5xx", {"ApiId": api}, 0 if healthy else 1, at))

    def test_slow_photos(self):
        def measure(healthy: bool, at: datetime, stage: str = STAGE.name):
            self.put("Shoebox", "TimeToReady", {"Stage": stage}, 2_000 if healthy else 400_000, at)

        measure(False, datetime.now(timezone.utc), "another")
        self.assertNotEqual(self.alarm("slow")["StateValue"], "ALARM")
        self.assert_fires_and_clears("slow", measure)

    def test_delayed_changes(self):
        changes = {"FunctionName": f"shoebox-{STAGE.name}-stream"}
        self.assert_fires_and_clears("stream-delayed", lambda healthy, at: self.put("AWS/Lambda", "IteratorAge", changes, 0 if healthy else 700_000, at))


class Metrics(unittest.TestCase):
    """The EMF lines in the logs that other tests have caused."""

    @classmethod
    def setUpClass(cls):
        logs = STAGE.client("logs")
        groups = [f"/aws/lambda/shoebox-{STAGE.name}-{function}" for function in FUNCTIONS]
        pages = [logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern='"_aws"') for group in groups]
        lines = [event["message"] for group in pages for page in group for event in page["events"]]
        cls.documents = [document for document in map(emf.parse, lines) if document]

    def test_every_line_is_valid(self):
        self.assertTrue(self.documents)
        for document in self.documents:
            self.assertEqual(emf.faults(document), [], document)

    def test_the_measured_metrics_are_those_on_the_dashboard(self):
        shown = {one for one in test_watch.on_dashboard() if one[0] == "Shoebox"}
        watched = {
            (namespace, name, tuple((key, STAGE.name if key == "Stage" else value) for key, value in dimensions))
            for namespace, name, dimensions in shown
        }
        # Each custom metric costs 0.30 USD a month, so none is unused.
        self.assertEqual(set().union(*map(emf.measured, self.documents)), watched)
