"""What the tests of asynchronous doors hear, and how they stop a consumer: logs, dead letters, queues of their own."""

import json
import time
import unittest
import uuid

from infra.tests.cloud.cast import STAGE, client, physical, until


class Log:
    """What a door has written since this was made."""

    def __init__(self, door: str):
        self.group = f"/aws/lambda/shoebox-{STAGE.name}-{door}"
        self.since = int(time.time() * 1000)

    def lines(self, *words: str) -> list[str]:
        """The lines with all these words in them."""
        pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=self.group, startTime=self.since)
        return [line["message"] for page in pages for line in page["events"] if all(word in line["message"] for word in words)]

    def failures(self, *words: str) -> int:
        """How often the door says that it failed."""
        return len(self.lines('"failure":', *words))

    def settled_lines(self, count: int, *words: str) -> int:
        """How many lines have all these words, once there are that many: a log follows what it tells of."""
        until(f"{count} lines with {words} in {self.group}", lambda: len(self.lines(*words)) >= count)
        return len(self.lines(*words))

    def settled_failures(self, count: int, *words: str) -> int:
        """How often the door says that it failed, once it did so that often."""
        return self.settled_lines(count, '"failure":', *words)

    def await_runs(self, count: int) -> None:
        """Waits until the door has been through this many invocations."""
        until(f"{count} invocations in {self.group}", lambda: len(self.lines("END RequestId")) >= count)


class Queue:
    """A queue of the stage, or one of a test's own."""

    def __init__(self, url: str):
        self.url = url
        self.heard: list[dict] = []

    @classmethod
    def of(cls, stack: str, logical: str) -> "Queue":
        return cls(physical(stack, logical))

    def attributes(self) -> dict[str, str]:
        return client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]

    def is_empty(self) -> bool:
        """Whether nothing waits in it, and nothing is being worked on."""
        there = self.attributes()
        return not int(there["ApproximateNumberOfMessages"]) + int(there["ApproximateNumberOfMessagesNotVisible"])

    def drained(self) -> None:
        until(f"{self.url} is empty", self.is_empty)

    def hear(self) -> list[dict]:
        """Every message so far, oldest first; they are taken out of the queue."""
        sqs = client("sqs")
        while True:
            got = sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages")
            if not got:
                return self.heard
            for message in got:
                self.heard.append(message)
                sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def bodies(self) -> list[dict]:
        return [json.loads(message["Body"]) for message in self.hear()]

    def message(self, what: str, holds) -> dict:
        """The first message for whose body `holds`, once it is there."""
        return until(what, lambda: next((m for m in self.hear() if holds(m["Body"])), None))


def record_at(letter: str) -> dict:
    """The record of the stream that a dead letter points at."""
    place = json.loads(letter)["DDBStreamBatchInfo"]
    streams = client("dynamodbstreams")
    iterator = streams.get_shard_iterator(
        StreamArn=place["streamArn"],
        ShardId=place["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=place["startSequenceNumber"],
    )
    return streams.get_records(ShardIterator=iterator["ShardIterator"], Limit=1)["Records"][0]


def change_given_up(photo: str) -> str:
    """The dead letter of `changes` that points at a change of this photo's row; it is taken out of the queue."""

    def points_at_it(letter: str) -> bool:
        return record_at(letter)["dynamodb"]["Keys"]["pk"] == {"S": f"PHOTO#{photo}"}

    return Queue.of("live", "ChangesDeadLetters").message(f"a dead letter that points at {photo}", points_at_it)["Body"]


def own_queue(test: unittest.TestCase) -> tuple[Queue, str]:
    """A queue that topics and buses may send to, and its ARN; gone after the test."""
    sqs = client("sqs")
    queue = Queue(sqs.create_queue(QueueName=f"shoebox-{STAGE.name}-ear-{uuid.uuid4()}")["QueueUrl"])
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


def orders_heard(test: unittest.TestCase) -> Queue:
    """Hears each order that the workflow publishes from now on."""
    queue, arn = own_queue(test)
    sns = client("sns")
    subscription = sns.subscribe(
        TopicArn=physical("develop", "Topic"),
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )
    test.addCleanup(sns.unsubscribe, SubscriptionArn=subscription["SubscriptionArn"])
    return queue


def events_heard(test: unittest.TestCase) -> Queue:
    """Hears each event on Shoebox's own bus from now on."""
    queue, arn = own_queue(test)
    events, bus, name = client("events"), physical("state", "Bus"), f"shoebox-{STAGE.name}-ear-{uuid.uuid4().hex}"
    events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source": ["shoebox"]}')
    test.addCleanup(events.delete_rule, Name=name, EventBusName=bus)
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "ear", "Arn": arn}])
    test.addCleanup(events.remove_targets, Rule=name, EventBusName=bus, Ids=["ear"])
    return queue


class Mapping:
    """A door's event source mapping, which a test may stop."""

    def __init__(self, test: unittest.TestCase, stack: str, logical: str):
        self.id = physical(stack, logical)
        self.test = test

    def stop(self) -> None:
        self._turn(False)
        self.test.addCleanup(self.go_on)

    def go_on(self) -> None:
        self._turn(True)

    def _turn(self, on: bool) -> None:
        mappings, state = client("lambda"), "Enabled" if on else "Disabled"
        mappings.update_event_source_mapping(UUID=self.id, Enabled=on)
        until(f"the mapping is {state}", lambda: mappings.get_event_source_mapping(UUID=self.id)["State"] == state)


def without_arrivals(test: unittest.TestCase) -> None:
    """Nobody hears from now on that an original is there; ends with `hear_arrivals`, or with the test."""
    client("events").disable_rule(Name=physical("develop", "OriginalArrived"))
    test.addCleanup(hear_arrivals)


def hear_arrivals() -> None:
    client("events").enable_rule(Name=physical("develop", "OriginalArrived"))
