"""The local cloud's faster Query and Scan return the same pages as MiniStack's own."""

import json
import random
import unittest
from unittest import mock

from ministack.services import dynamodb

from infra.local import queries

TABLE = "queries"
ROWS = 300
MIN_ROWS = 30


def text(value: str) -> dict[str, str]:
    return {"S": value}


class Pages(unittest.TestCase):
    def setUp(self) -> None:
        keys = [("pk", "HASH"), ("sk", "RANGE")], [("index_pk", "HASH"), ("index_sk", "RANGE")]
        of_table, of_index = ([{"AttributeName": name, "KeyType": kind} for name, kind in some] for some in keys)
        index = {"IndexName": "timeline", "KeySchema": of_index, "Projection": {"ProjectionType": "ALL"}}
        attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "index_pk", "index_sk")]
        table = {"TableName": TABLE, "KeySchema": of_table, "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST"}
        self.assertEqual(dynamodb._create_table(table | {"GlobalSecondaryIndexes": [index]})[0], 200)
        self.addCleanup(dynamodb._delete_table, {"TableName": TABLE})
        rng = random.Random(7)
        # Several rows share an index sort key.
        self.index_sks = [f"{rng.randrange(ROWS // 8):05}" for _ in range(ROWS)]
        for number, index_sk in enumerate(self.index_sks):
            # Some share a partition; the table is larger than a page of 1 MB.
            pk = "LIBRARY" if number % 3 else f"PHOTO#{number % 90}"
            item = {"pk": text(pk), "sk": text(f"{number:05}"), "index_pk": text("ada"), "index_sk": text(index_sk)}
            item["caption"] = text("x" * 5_000)
            self.assertEqual(dynamodb._put_item({"TableName": TABLE, "Item": item})[0], 200)

        self.plain = {name: getattr(dynamodb, name) for name in ("_query", "_scan")}
        for name, function in self.plain.items():
            self.addCleanup(setattr, dynamodb, name, function)
        queries.patch()
        lowered = mock.patch.object(queries, "MIN_ROWS", MIN_ROWS)
        lowered.start()
        self.addCleanup(lowered.stop)

    def test_scans_are_the_same(self) -> None:
        plain, index = self.plain["_scan"], {"IndexName": "timeline"}
        self.assertIsNot(dynamodb._scan, plain)
        for limit in ({}, {"Limit": 70}):
            for more in ({}, index, {"Segment": 1, "TotalSegments": 3}):
                start, pages = {}, 0
                while start is not None:
                    scan = {"TableName": TABLE} | limit | more | start
                    with self.subTest(**scan):
                        page = dynamodb._scan(scan)[2]
                        self.assertEqual(page, plain(scan)[2])
                    last = json.loads(page).get("LastEvaluatedKey")
                    start, pages = {"ExclusiveStartKey": last} if last else None, pages + 1
                self.assertGreater(pages, 1)

    def test_pages_are_the_same(self) -> None:
        self.assertIsNot(dynamodb._query, self.plain["_query"])
        rows = sorted(f"{number:05}" for number in range(ROWS) if number % 3)
        self.pages({"IndexName": "timeline"}, "index_pk", "ada", "index_sk", sorted(self.index_sks))
        self.pages({}, "pk", "LIBRARY", "sk", rows)

    def pages(self, index: dict[str, str], partition: str, name: str, key: str, keys: list[str]) -> None:
        """Compares pages of a partition with bounds from its sorted keys."""
        low, middle, high = keys[0], keys[len(keys) // 3], keys[-1]
        bounds = [(f" AND {key} {sign} :low", {":low": text(bound)}) for sign in queries.SIGNS for bound in (low, middle, high)]
        bounds += [(f" AND {key} BETWEEN :low AND :high", {":low": text(middle), ":high": text(bound)}) for bound in (middle, high)]
        for bound, values in [("", {}), *bounds]:
            for forward in (True, False):
                for limit in (1, 60, ROWS):
                    query = {"TableName": TABLE, "KeyConditionExpression": f"{partition} = :partition{bound}", "Limit": limit} | index
                    query |= {"ExpressionAttributeValues": values | {":partition": text(name)}, "ScanIndexForward": forward}
                    with self.subTest(**query):
                        page = dynamodb._query(query)[2]
                        self.assertEqual(page, self.plain["_query"](query)[2])
                        if last := json.loads(page).get("LastEvaluatedKey"):
                            query |= {"ExclusiveStartKey": last}
                            self.assertEqual(dynamodb._query(query)[2], self.plain["_query"](query)[2])

    def test_few_rows_are_passed_to_ministack(self) -> None:
        rows = [{"sk": text(f"{number:05}")} for number in range(ROWS)]
        values = {":low": text("00100"), ":high": text("00200")}
        for bound in ("", " AND sk > :low", " AND sk BETWEEN :low AND :high"):
            for forward in (True, False):
                self.assertEqual(len(queries.page_of(rows, "sk", 60, forward, f"pk = :pk{bound}", values)), 61)


if __name__ == "__main__":
    unittest.main()
