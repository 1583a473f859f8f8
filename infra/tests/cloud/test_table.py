"""What each read of the table costs, at three sizes, in tables that are made as the page of access patterns says."""

import json
import math
import re
import time
import unittest
import uuid
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import NamedTuple

from infra.stage import Stage
from infra.tests.patterns import Pattern, patterns

STAGE = Stage.named("test")
SIZES = (100, 10_000, 100_000)
# Rows in a file of an import.
FILE_ROWS = 50_000
PATIENCE = 300

Item = dict[str, dict[str, str]]


def value(field: str, i: int) -> str:
    """The field's `i`th value, in the order of sort keys and as long as it is."""
    match field:
        case "photo" | "account" | "album" | "link" | "guest" | "comment" | "event":
            return f"{i:08x}-0000-7000-8000-000000000000"
        case "hash" | "sha256":
            return f"{i:064x}"
        case "number":
            return f"{i:020}"
        case "month":
            return f"{i // 12:04}-{i % 12 + 1:02}"
        case _:
            return f"{i:015}"


def filled(template: str, i: int) -> str:
    return re.sub("<([a-z0-9]+)>", lambda field: value(field[1], i), template)


def item_bytes(item: Item) -> int:
    """By DynamoDB's rule: names and values. All of these are text."""
    return sum(len(name) + len(text["S"]) for name, text in item.items())


def row(size: int, **attributes: str) -> Item:
    """A row of these attributes that has this size."""
    item = {name: {"S": text} for name, text in attributes.items()}
    missing = size - item_bytes(item) - len("rest")
    if missing < 0:
        raise AssertionError(f"the page says {size} bytes of {attributes}, which are more")
    return item | {"rest": {"S": "-" * missing}}


class List(NamedTuple):
    """Rows that are asked for together: a range of a partition."""

    pk: str
    prefix: str
    rest: str
    # What the longest page of it reads.
    page: int
    bytes: int

    def keys(self, size: int) -> Iterator[tuple[str, str]]:
        pk, prefix = filled(self.pk, 0), filled(self.prefix, 0)
        return ((pk, prefix + filled(self.rest, i)) for i in range(size + self.page))


def partitions(every: list[Pattern], index: str | None) -> list[list[List]]:
    """The lists of each partition of the table, or of an index."""
    ranges = defaultdict(list)
    for pattern in every:
        if pattern.operation == "Query" and pattern.index == index:
            ranges[pattern.pk, pattern.sk].append(pattern)
    found = defaultdict(list)
    for (pk, sk), asking in ranges.items():
        (prefix,) = {pattern.prefix for pattern in asking}
        size = max(pattern.bytes for pattern in asking)
        found[pk].append(List(pk, prefix, sk.removeprefix(prefix), max(pattern.limit for pattern in asking), size))
    return list(found.values())


def photos(every: list[Pattern], size: int) -> Iterator[Item]:
    """Photos, each with a place in a partition of both indexes."""
    (photo,) = (pattern for pattern in every if pattern.pk == "PHOTO#<photo>" and pattern.sk == "PHOTO")
    number = 0
    for timelines, dues in zip_longest(partitions(every, "timeline"), partitions(every, "due")):
        for timeline, due in zip_longest(timelines[0].keys(size), dues[0].keys(size) if dues else ()):
            place = dict(zip(("timeline_pk", "timeline_sk"), timeline or ())) | dict(zip(("due_pk", "due_sk"), due or ()))
            yield row(photo.bytes, pk=filled(photo.pk, number), sk=photo.sk, **place)
            number += 1


def rows(every: list[Pattern], size: int) -> Iterator[Item]:
    """Every list with its page, `size` rows more in each partition, and the rows that are in no list."""
    yield from photos(every, size)
    listed = set()
    for lists in partitions(every, None):
        for one in lists:
            listed.add((one.pk, one.prefix + one.rest))
            for pk, sk in one.keys(size // len(lists)):
                yield row(one.bytes, pk=pk, sk=sk)
    for pattern in every:
        if pattern.operation != "Query" and (pattern.pk, pattern.sk) not in listed | {("PHOTO#<photo>", "PHOTO")}:
            yield row(pattern.bytes, pk=filled(pattern.pk, 0), sk=filled(pattern.sk, 0))


def key_schema(stage: Stage) -> dict:
    """Keys and indexes of the deployed table."""
    there = stage.client("dynamodb").describe_table(TableName=stage.setting("table"))["Table"]
    return {
        "KeySchema": there["KeySchema"],
        "AttributeDefinitions": there["AttributeDefinitions"],
        "GlobalSecondaryIndexes": [
            {part: index[part] for part in ("IndexName", "KeySchema", "Projection")} for index in there["GlobalSecondaryIndexes"]
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }


class Cost(NamedTuple):
    """What a read cost: as the answer tells, and as it follows from the rows."""

    told: float
    scanned: int
    count: int
    units: float


class Scratch:
    """A table of its own with the deployed one's keys and indexes, and no stream, filled by an import."""

    def __init__(self, every: list[Pattern], size: int):
        self.every, self.size = every, size
        self.name = f"shoebox-patterns-{uuid.uuid4().hex[:12]}"
        self.dynamodb, self.s3 = STAGE.client("dynamodb"), STAGE.client("s3")

    def __enter__(self) -> "Scratch":
        self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": STAGE.region})
        try:
            self._fill()
        finally:
            for found in self.s3.list_objects_v2(Bucket=self.name).get("Contents", []):
                self.s3.delete_object(Bucket=self.name, Key=found["Key"])
            self.s3.delete_bucket(Bucket=self.name)
        return self

    def __exit__(self, *_) -> None:
        self.dynamodb.delete_table(TableName=self.name)

    def _fill(self) -> None:
        left, number = rows(self.every, self.size), 0
        while body := "\n".join(json.dumps({"Item": item}) for item in islice(left, FILE_ROWS)):
            self.s3.put_object(Bucket=self.name, Key=f"{number}.json", Body=body.encode())
            number += 1
        began = self.dynamodb.import_table(
            S3BucketSource={"S3Bucket": self.name},
            InputFormat="DYNAMODB_JSON",
            TableCreationParameters={"TableName": self.name, **key_schema(STAGE)},
        )
        arn, deadline = began["ImportTableDescription"]["ImportArn"], time.monotonic() + PATIENCE
        while (now := self.dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"])["ImportStatus"] == "IN_PROGRESS":
            if time.monotonic() > deadline:
                raise AssertionError(f"the import is not done after {PATIENCE} seconds")
            time.sleep(STAGE.pause)
        if now["ImportStatus"] != "COMPLETED":
            raise AssertionError(now.get("FailureMessage"))

    def cost(self, pattern: Pattern) -> Cost:
        """Does the read, as its pattern says it."""
        if pattern.operation == "Query":
            return self._query(pattern)
        asked = {
            "TableName": self.name,
            "Key": {"pk": {"S": filled(pattern.pk, 0)}, "sk": {"S": filled(pattern.sk, 0)}},
            "ReturnConsumedCapacity": "TOTAL",
        }
        if pattern.operation == "DeleteItem":
            answer = self.dynamodb.delete_item(**asked, ReturnValues="ALL_OLD")
            items, unit, rate = [answer["Attributes"]], 1024, 1.0
        elif pattern.operation == "UpdateItem":
            count = {"UpdateExpression": "ADD #count :one", "ExpressionAttributeNames": {"#count": "count"}}
            values = {":one": {"N": "1"}}
            answer = self.dynamodb.update_item(**asked, **count, ExpressionAttributeValues=values, ReturnValues="ALL_OLD")
            items, unit, rate = [answer["Attributes"]], 1024, 1.0
        else:
            answer = self.dynamodb.get_item(**asked, ConsistentRead=pattern.consistent)
            items, unit, rate = [answer["Item"]], 4096, 1.0 if pattern.consistent else 0.5
        return Cost(answer["ConsumedCapacity"]["CapacityUnits"], 1, 1, units(items, unit) * rate)

    def _query(self, pattern: Pattern) -> Cost:
        condition, values = self._condition(pattern)
        asked = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {name: {"S": text} for name, text in values.items()},
            "ScanIndexForward": pattern.upwards,
            "ConsistentRead": pattern.consistent,
            "Limit": pattern.limit,
            "ReturnConsumedCapacity": "TOTAL",
        }
        answer = self.dynamodb.query(**asked, **({"IndexName": pattern.index} if pattern.index else {}))
        read = units(answer["Items"], 4096) * (1.0 if pattern.consistent else 0.5)
        return Cost(answer["ConsumedCapacity"]["CapacityUnits"], answer["ScannedCount"], answer["Count"], read)

    def _condition(self, pattern: Pattern) -> tuple[str, dict[str, str]]:
        """The range of the pattern, cut in the middle of its list, and as far from its end as a page."""
        pk, sk = (f"{pattern.index}_pk", f"{pattern.index}_sk") if pattern.index else ("pk", "sk")
        (one,) = (
            one for lists in partitions(self.every, pattern.index) for one in lists if one.pk == pattern.pk and one.prefix == pattern.prefix
        )
        shared = [lists for lists in partitions(self.every, pattern.index) if one in lists]
        last = one.page + self.size // len(shared[0]) - 1
        low, high = (last - one.page) // 2, (last + one.page + 1) // 2
        prefix, at = filled(pattern.prefix, 0), {":pk": filled(pattern.pk, 0)}

        def cut(i: int) -> str:
            return prefix + filled(pattern.cut, i)

        match pattern.bound:
            case "all" if prefix:
                return f"{pk} = :pk AND {sk} BETWEEN :low AND :high", at | {":low": prefix, ":high": f"{prefix}~"}
            case "all":
                return f"{pk} = :pk", at
            case "before" if prefix:
                return f"{pk} = :pk AND {sk} BETWEEN :low AND :high", at | {":low": prefix, ":high": cut(high)}
            case "before":
                return f"{pk} = :pk AND {sk} < :high", at | {":high": cut(high)}
            case "upto":
                return f"{pk} = :pk AND {sk} <= :high", at | {":high": cut(high)}
            case "after" if prefix:
                return f"{pk} = :pk AND {sk} BETWEEN :low AND :high", at | {":low": f"{cut(low)}\0", ":high": f"{prefix}~"}
            case "after":
                return f"{pk} = :pk AND {sk} > :low", at | {":low": cut(low)}
            case "between":
                return f"{pk} = :pk AND {sk} BETWEEN :low AND :high", at | {":low": cut(low), ":high": cut(last)}
        raise AssertionError(f"the page has {pattern.bound!r}, which is no way to ask")


def units(items: list[Item], unit: int) -> int:
    return math.ceil(sum(map(item_bytes, items)) / unit)


class EveryPattern(unittest.TestCase):
    def test_costs_what_the_page_says_at_every_size(self):
        every, costs = patterns(), {}
        for size in SIZES:
            with Scratch(every, size) as scratch:
                costs[size] = {pattern: scratch.cost(pattern) for pattern in every}
        for pattern in every:
            with self.subTest(pattern.name):
                told = costs[SIZES[0]][pattern].told
                said = Cost(told, pattern.limit, pattern.limit, pattern.units)
                self.assertEqual({size: costs[size][pattern] for size in SIZES}, dict.fromkeys(SIZES, said))


if __name__ == "__main__":
    unittest.main()
