"""Observes and controls asynchronous functions in tests: logs, dead letters, captured messages, event source mappings."""

import json
import time
import unittest
import uuid

from infra.tests.cloud.fixtures import STAGE, client, physical_id, until


class Log:
    """A function's log since this object was created."""

    def __init__(self, function: str):
        self.group = f"/aws/lambda/shoebox-{STAGE.name}-{function}"
        self.since = int(time.time() * 1000)

    def lines(self, *words: str) -> list[str]:
        """The lines that contain all these words."""
        pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=self.group, startTime=self.since)
        return [line["message"] for page in pages for line in page["events"] if all(word in line["message"] for word in words)]

    def failures(self, *words: str) -> int:
        """The number of logged failures."""
        return len(self.lines('"failure":', *words))

    def wait_for_lines(self, count: int, *words: str) -> int:
        """Waits for `count` lines that contain all these words, since logs are delayed; returns the actual number."""
        until(f"{count} lines with {words} in {self.group}", lambda: len(self.lines(*words)) >= count)
        return len(self.lines(*words))

    def wait_for_failures(self, count: int, *words: str) -> int:
        """Waits for `count` logged failures; returns the actual number."""
        return self.wait_for_lines(count, '"failure":', *words)

    def wait_for_invocations(self, count: int) -> None:
        """Waits until this many invocations have ended."""
        until(f"{count} invocations in {self.group}", lambda: len(self.lines("END RequestId")) >= count)


class Queue:
    """A queue of the stage or of a test."""

    def __init__(self, url: str):
        self.url = url
        self.received: list[dict] = []

    @classmethod
    def of(cls, stack: str, logical: str) -> "Queue":
        return cls(physical_id(stack, logical))

    def attributes(self) -> dict[str, str]:
        return client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]

    def is_empty(self) -> bool:
        """Whether there are neither visible messages nor messages in flight."""
        attributes = self.attributes()
        return not int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])

    def wait_until_empty(self) -> None:
        until(f"{self.url} is empty", self.is_empty)

    def receive(self) -> list[dict]:
        """Receives and deletes all messages; returns all received so far, oldest first."""
        sqs = client("sqs")
        while True:
            messages = sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages")
            if not messages:
                return self.received
            for message in messages:
                self.received.append(message)
                sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def bodies(self) -> list[dict]:
        return [json.loads(message["Body"]) for message in self.receive()]

    def wait_for_message(self, what: str, matches) -> dict:
        """Waits for a message whose body matches, and returns it."""
        return until(what, lambda: next((m for m in self.receive() if matches(m["Body"])), None))


def record_of(letter: str) -> dict:
    """The stream record that a dead letter refers to."""
    batch = json.loads(letter)["DDBStreamBatchInfo"]
    streams = client("dynamodbstreams")
    iterator = streams.get_shard_iterator(
        StreamArn=batch["streamArn"],
        ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch["startSequenceNumber"],
    )
    return streams.get_records(ShardIterator=iterator["ShardIterator"], Limit=1)["Records"][0]


def dead_letter_of_change(photo: str) -> str:
    """Receives the dead letter of `stream` that refers to a change of this photo's row."""

    def is_of_photo(letter: str) -> bool:
        return record_of(letter)["dynamodb"]["Keys"]["pk"] == {"S": f"PHOTO#{photo}"}

    return Queue.of("live", "StreamDeadLetters").wait_for_message(f"a dead letter for {photo}", is_of_photo)["Body"]


def create_queue(test: unittest.TestCase) -> tuple[Queue, str]:
    """A queue that topics and buses may send to, and its ARN; deleted after the test."""
    sqs = client("sqs")
    queue = Queue(sqs.create_queue(QueueName=f"shoebox-{STAGE.name}-captured-{uuid.uuid4()}")["QueueUrl"])
    test.addCleanup(sqs.delete_queue, QueueUrl=queue.url)
    arn = queue.attributes()["QueueArn"]
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": policy})
    return queue, arn


def capture_orders(test: unittest.TestCase) -> Queue:
    """A queue that receives each order that the workflow publishes from now on."""
    queue, arn = create_queue(test)
    sns = client("sns")
    subscription = sns.subscribe(
        TopicArn=physical_id("processing", "Topic"),
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )
    test.addCleanup(sns.unsubscribe, SubscriptionArn=subscription["SubscriptionArn"])
    return queue


def capture_events(test: unittest.TestCase) -> Queue:
    """A queue that receives each event on Shoebox's bus from now on."""
    queue, arn = create_queue(test)
    events, bus, name = client("events"), physical_id("state", "Bus"), f"shoebox-{STAGE.name}-captured-{uuid.uuid4().hex}"
    events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source": ["shoebox"]}')
    test.addCleanup(events.delete_rule, Name=name, EventBusName=bus)
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "captured", "Arn": arn}])
    test.addCleanup(events.remove_targets, Rule=name, EventBusName=bus, Ids=["captured"])
    return queue


class Mapping:
    """A function's event source mapping, which a test may disable."""

    def __init__(self, test: unittest.TestCase, stack: str, logical: str):
        self.id = physical_id(stack, logical)
        self.test = test

    def disable(self) -> None:
        self._set_enabled(False)
        self.test.addCleanup(self.enable)

    def enable(self) -> None:
        self._set_enabled(True)

    def _set_enabled(self, enabled: bool) -> None:
        mappings, state = client("lambda"), "Enabled" if enabled else "Disabled"
        mappings.update_event_source_mapping(UUID=self.id, Enabled=enabled)
        until(f"the mapping is {state}", lambda: mappings.get_event_source_mapping(UUID=self.id)["State"] == state)


def disable_ingest(test: unittest.TestCase) -> None:
    """Disables the events of uploaded originals until `enable_ingest` or the end of the test."""
    client("events").disable_rule(Name=physical_id("processing", "OriginalArrived"))
    test.addCleanup(enable_ingest)


def enable_ingest() -> None:
    client("events").enable_rule(Name=physical_id("processing", "OriginalArrived"))
