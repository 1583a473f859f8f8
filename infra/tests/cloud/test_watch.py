"""What watches a deployed stage: alarms that fire and clear, and metrics in the functions' logs."""

import json
import time
import unittest
from datetime import datetime, timedelta, timezone

from infra.packages import doors
from infra.stage import Stage
from infra.tests import emf, test_watch

STAGE = Stage.named("test")
# A deadline for what takes a moment.
PATIENCE = 120


def until(look):
    """What `look` answers, as soon as that is something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(STAGE.pause)
    raise AssertionError(f"nothing within {PATIENCE} s")


class Alarms(unittest.TestCase):
    """The metrics are put as the services put theirs: the local cloud measures no queues and no APIs, and reads no logs."""

    @classmethod
    def setUpClass(cls):
        cls.cloudwatch, cls.sqs, sns = (STAGE.client(service) for service in ("cloudwatch", "sqs", "sns"))
        name = f"shoebox-{STAGE.name}-alarms"
        topic = next(t["TopicArn"] for t in sns.list_topics()["Topics"] if t["TopicArn"].endswith(f":{name}"))
        cls.mailbox = cls.sqs.create_queue(QueueName=f"{name}-test-{time.time_ns()}")["QueueUrl"]
        cls.addClassCleanup(cls.sqs.delete_queue, QueueUrl=cls.mailbox)
        arn = cls.sqs.get_queue_attributes(QueueUrl=cls.mailbox, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        may_tell = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            },
        }
        cls.sqs.set_queue_attributes(QueueUrl=cls.mailbox, Attributes={"Policy": json.dumps(may_tell)})
        told = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}, ReturnSubscriptionArn=True)
        cls.addClassCleanup(sns.unsubscribe, SubscriptionArn=told["SubscriptionArn"])

    def alarm(self, name: str) -> dict:
        (alarm,) = self.cloudwatch.describe_alarms(AlarmNames=[f"shoebox-{STAGE.name}-{name}"])["MetricAlarms"]
        return alarm

    def put(self, namespace: str, metric: str, dimensions: dict[str, str], value: float, at: datetime) -> None:
        datum = {
            "MetricName": metric,
            "Dimensions": [{"Name": key, "Value": held} for key, held in dimensions.items()],
            "Timestamp": at,
            "Values": [value],
            "Counts": [10_000],  # more than an earlier run can have left
        }
        self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])

    def told(self, name: str) -> str | None:
        """The state in the next notification of this alarm."""
        answer = self.sqs.receive_message(QueueUrl=self.mailbox, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.mailbox, ReceiptHandle=message["ReceiptHandle"])
            body = json.loads(message["Body"])
            if body["AlarmName"] == f"shoebox-{STAGE.name}-{name}":
                return body["NewStateValue"]
        return None

    def fires_and_clears(self, name: str, measure) -> None:
        """`measure(well, at)` puts the metric of a stage that is well, or is not, as of `at`."""
        alarm = self.alarm(name)
        looked_back = timedelta(seconds=alarm["Period"] * alarm["EvaluationPeriods"])
        # Just inside what the alarm looks at, or it would stay for all of that time.
        long_ago = looked_back - timedelta(seconds=1)

        def is_now(state: str, well: bool, ago: timedelta) -> bool:
            measure(well, datetime.now(timezone.utc) - ago)
            return self.alarm(name)["StateValue"] == state

        until(lambda: is_now("ALARM", False, long_ago))
        self.assertEqual(until(lambda: self.told(name)), "ALARM")
        until(lambda: is_now("OK", True, timedelta()))
        self.assertEqual(until(lambda: self.told(name)), "OK")

    def waiting(self, url: str) -> int:
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def test_a_dead_letter_in_any_queue(self):
        for queue in sorted(name.replace(test_watch.STAGE, STAGE.name) for name in test_watch.dead_letters()):
            url = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]

            def measure(well: bool, at: datetime, queue=queue, url=url):
                if well:
                    self.sqs.purge_queue(QueueUrl=url)
                elif not self.waiting(url):
                    self.sqs.send_message(QueueUrl=url, MessageBody="given up by a test")
                self.put("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, self.waiting(url), at)

            with self.subTest(queue):
                self.fires_and_clears("dead-letters", measure)

    def test_an_error_page(self):
        (api,) = [api["ApiId"] for api in STAGE.client("apigatewayv2").get_apis()["Items"] if api["Name"] == f"shoebox-{STAGE.name}-pages"]
        self.fires_and_clears("errors", lambda well, at: self.put("AWS/ApiGateway", "5xx", {"ApiId": api}, 0 if well else 1, at))

    def test_slow_photos(self):
        def measure(well: bool, at: datetime, stage: str = STAGE.name):
            self.put("Shoebox", "TimeToReady", {"Stage": stage}, 2_000 if well else 400_000, at)

        measure(False, datetime.now(timezone.utc), "another")
        self.assertNotEqual(self.alarm("slow")["StateValue"], "ALARM")
        self.fires_and_clears("slow", measure)

    def test_changes_that_wait(self):
        changes = {"FunctionName": f"shoebox-{STAGE.name}-changes"}
        self.fires_and_clears("untold", lambda well, at: self.put("AWS/Lambda", "IteratorAge", changes, 0 if well else 700_000, at))


class Metrics(unittest.TestCase):
    """In the logs of what other parts have sent through the stage: photos good and bad, with a window open."""

    @classmethod
    def setUpClass(cls):
        logs = STAGE.client("logs")
        groups = [f"/aws/lambda/shoebox-{STAGE.name}-{door}" for door in doors()]
        pages = [logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern='"_aws"') for group in groups]
        lines = [event["message"] for group in pages for page in group for event in page["events"]]
        cls.documents = [document for document in map(emf.parse, lines) if document]

    def test_every_line_is_sound(self):
        self.assertTrue(self.documents)
        for document in self.documents:
            self.assertEqual(emf.faults(document), [], document)

    def test_what_is_measured_is_what_is_watched(self):
        shown = {one for one in test_watch.on_dashboard() if one[0] == "Shoebox"}
        watched = {
            (namespace, name, tuple((key, STAGE.name if key == "Stage" else value) for key, value in dimensions))
            for namespace, name, dimensions in shown
        }
        # Each costs 0.30 a month while it is measured: none is there for nobody.
        self.assertEqual(set().union(*map(emf.measured, self.documents)), watched)
