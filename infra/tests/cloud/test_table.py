"""Measures the cost of each access pattern in TABLE.md, in tables of three sizes that are generated from it."""

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
TIMEOUT_SECONDS = 300

Item = dict[str, dict[str, str]]


def value(field: str, i: int) -> str:
    """The field's `i`th value, in sort key order and with the real length."""
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
    """DynamoDB's item size, names and values, for string attributes."""
    return sum(len(name) + len(text["S"]) for name, text in item.items())


def row(size: int, **attributes: str) -> Item:
    """A row with these attributes, padded to this size."""
    item = {name: {"S": text} for name, text in attributes.items()}
    missing = size - item_bytes(item) - len("rest")
    if missing < 0:
        raise AssertionError(f"TABLE.md has {size} bytes for {attributes}, which are more")
    return item | {"rest": {"S": "-" * missing}}


class KeyRange(NamedTuple):
    """Rows that are queried together: a range of a partition."""

    pk: str
    prefix: str
    rest: str
    # The largest limit of its patterns.
    page: int
    bytes: int

    def keys(self, size: int) -> Iterator[tuple[str, str]]:
        pk, prefix = filled(self.pk, 0), filled(self.prefix, 0)
        return ((pk, prefix + filled(self.rest, i)) for i in range(size + self.page))


def partitions(every: list[Pattern], index: str | None) -> list[list[KeyRange]]:
    """The key ranges in each partition of the table, or of an index."""
    ranges = defaultdict(list)
    for pattern in every:
        if pattern.operation == "Query" and pattern.index == index:
            ranges[pattern.pk, pattern.sk].append(pattern)
    found = defaultdict(list)
    for (pk, sk), queries in ranges.items():
        (prefix,) = {pattern.prefix for pattern in queries}
        size = max(pattern.bytes for pattern in queries)
        found[pk].append(KeyRange(pk, prefix, sk.removeprefix(prefix), max(pattern.limit for pattern in queries), size))
    return list(found.values())


def photos(every: list[Pattern], size: int) -> Iterator[Item]:
    """Photos, each with keys of both indexes."""
    (photo,) = (pattern for pattern in every if pattern.pk == "PHOTO#<photo>" and pattern.sk == "PHOTO")
    number = 0
    for timelines, dues in zip_longest(partitions(every, "timeline"), partitions(every, "due")):
        for timeline, due in zip_longest(timelines[0].keys(size), dues[0].keys(size) if dues else ()):
            index_keys = dict(zip(("timeline_pk", "timeline_sk"), timeline or ())) | dict(zip(("due_pk", "due_sk"), due or ()))
            yield row(photo.bytes, pk=filled(photo.pk, number), sk=photo.sk, **index_keys)
            number += 1


def rows(every: list[Pattern], size: int) -> Iterator[Item]:
    """Rows of every key range, `size` more than a page in each partition, and rows of the other patterns."""
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
    """Key schema and indexes of the deployed table."""
    deployed = stage.client("dynamodb").describe_table(TableName=stage.setting("table"))["Table"]
    return {
        "KeySchema": deployed["KeySchema"],
        "AttributeDefinitions": deployed["AttributeDefinitions"],
        "GlobalSecondaryIndexes": [
            {part: index[part] for part in ("IndexName", "KeySchema", "Projection")} for index in deployed["GlobalSecondaryIndexes"]
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }


class Cost(NamedTuple):
    """A read's cost: as reported, and as calculated from the rows."""

    reported: float
    scanned: int
    count: int
    units: float


class Scratch:
    """A temporary table with the deployed one's keys and indexes, without a stream, filled by an import."""

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
        remaining, number = rows(self.every, self.size), 0
        while body := "\n".join(json.dumps({"Item": item}) for item in islice(remaining, FILE_ROWS)):
            self.s3.put_object(Bucket=self.name, Key=f"{number}.json", Body=body.encode())
            number += 1
        began = self.dynamodb.import_table(
            S3BucketSource={"S3Bucket": self.name},
            InputFormat="DYNAMODB_JSON",
            TableCreationParameters={"TableName": self.name, **key_schema(STAGE)},
        )
        arn, deadline = began["ImportTableDescription"]["ImportArn"], time.monotonic() + TIMEOUT_SECONDS
        while (now := self.dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"])["ImportStatus"] == "IN_PROGRESS":
            if time.monotonic() > deadline:
                raise AssertionError(f"the import timed out after {TIMEOUT_SECONDS} s")
            time.sleep(STAGE.pause)
        if now["ImportStatus"] != "COMPLETED":
            raise AssertionError(now.get("FailureMessage"))

    def cost(self, pattern: Pattern) -> Cost:
        """Executes an access pattern."""
        if pattern.operation == "Query":
            return self._query(pattern)
        request = {
            "TableName": self.name,
            "Key": {"pk": {"S": filled(pattern.pk, 0)}, "sk": {"S": filled(pattern.sk, 0)}},
            "ReturnConsumedCapacity": "TOTAL",
        }
        if pattern.operation == "DeleteItem":
            response = self.dynamodb.delete_item(**request, ReturnValues="ALL_OLD")
            items, unit, rate = [response["Attributes"]], 1024, 1.0
        elif pattern.operation == "UpdateItem":
            count = {"UpdateExpression": "ADD #count :one", "ExpressionAttributeNames": {"#count": "count"}}
            values = {":one": {"N": "1"}}
            response = self.dynamodb.update_item(**request, **count, ExpressionAttributeValues=values, ReturnValues="ALL_OLD")
            items, unit, rate = [response["Attributes"]], 1024, 1.0
        else:
            response = self.dynamodb.get_item(**request, ConsistentRead=pattern.consistent)
            items, unit, rate = [response["Item"]], 4096, 1.0 if pattern.consistent else 0.5
        return Cost(response["ConsumedCapacity"]["CapacityUnits"], 1, 1, units(items, unit) * rate)

    def _query(self, pattern: Pattern) -> Cost:
        condition, values = self._condition(pattern)
        request = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {name: {"S": text} for name, text in values.items()},
            "ScanIndexForward": pattern.upwards,
            "ConsistentRead": pattern.consistent,
            "Limit": pattern.limit,
            "ReturnConsumedCapacity": "TOTAL",
        }
        response = self.dynamodb.query(**request, **({"IndexName": pattern.index} if pattern.index else {}))
        read = units(response["Items"], 4096) * (1.0 if pattern.consistent else 0.5)
        return Cost(response["ConsumedCapacity"]["CapacityUnits"], response["ScannedCount"], response["Count"], read)

    def _condition(self, pattern: Pattern) -> tuple[str, dict[str, str]]:
        """The pattern's key condition, bounded in the middle of its key range, at least a page from its end."""
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
        raise AssertionError(f"unknown bound in TABLE.md: {pattern.bound!r}")


def units(items: list[Item], unit: int) -> int:
    return math.ceil(sum(map(item_bytes, items)) / unit)


class EveryPattern(unittest.TestCase):
    def test_costs_as_documented_at_every_size(self):
        every, costs = patterns(), {}
        for size in SIZES:
            with Scratch(every, size) as scratch:
                costs[size] = {pattern: scratch.cost(pattern) for pattern in every}
        for pattern in every:
            with self.subTest(pattern.name):
                reported = costs[SIZES[0]][pattern].reported
                expected = Cost(reported, pattern.limit, pattern.limit, pattern.units)
                self.assertEqual({size: costs[size][pattern] for size in SIZES}, dict.fromkeys(SIZES, expected))


if __name__ == "__main__":
    unittest.main()
