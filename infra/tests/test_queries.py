"""The local cloud's pages of a large partition, and of a large table, are those that MiniStack makes of all rows."""

import json
import random
import unittest

from ministack.services import dynamodb

from infra.local import emulator, queries

TABLE = "queries"
ROWS = 1_000


def text(value: str) -> dict[str, str]:
    return {"S": value}


class Pages(unittest.TestCase):
    def setUp(self) -> None:
        keys = [("pk", "HASH"), ("sk", "RANGE")], [("shelf", "HASH"), ("place", "RANGE")]
        of_table, of_index = ([{"AttributeName": name, "KeyType": kind} for name, kind in some] for some in keys)
        index = {"IndexName": "timeline", "KeySchema": of_index, "Projection": {"ProjectionType": "ALL"}}
        attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "shelf", "place")]
        table = {"TableName": TABLE, "KeySchema": of_table, "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST"}
        self.assertEqual(dynamodb._create_table(table | {"GlobalSecondaryIndexes": [index]})[0], 200)
        self.addCleanup(dynamodb._delete_table, {"TableName": TABLE})
        chance = random.Random(7)
        # Several to a place, which their own keys tell apart.
        self.places = [f"{chance.randrange(ROWS // 8):05}" for _ in range(ROWS)]
        for number, place in enumerate(self.places):
            # Some share a partition; all together are more than a page of 1 MB.
            item = {"pk": text(f"PHOTO#{number % 900}"), "sk": text(f"{number}"), "shelf": text("ada"), "place": text(place)}
            item["caption"] = text("x" * 5_000)
            self.assertEqual(dynamodb._put_item({"TableName": TABLE, "Item": item})[0], 200)

        self.plain = {name: getattr(dynamodb, name) for name in ("_query", "_scan")}
        for name, function in self.plain.items():
            self.addCleanup(setattr, dynamodb, name, function)
        queries.patch(emulator.expect)

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
        plain = self.plain["_query"]
        self.assertIsNot(dynamodb._query, plain)
        bounds = [None, *(f"place {sign} :place" for sign in queries.SIGNS)]
        for bound in bounds:
            for place in (min(self.places), self.places[0], max(self.places)) if bound else (None,):
                for forward in (True, False):
                    for limit in (1, 100, ROWS):
                        values = {":shelf": text("ada")} | ({":place": text(place)} if place else {})
                        condition = " AND ".join(filter(None, ["shelf = :shelf", bound]))
                        query = {"TableName": TABLE, "IndexName": "timeline", "KeyConditionExpression": condition, "Limit": limit}
                        query |= {"ExpressionAttributeValues": values, "ScanIndexForward": forward}
                        with self.subTest(condition=condition, place=place, forward=forward, limit=limit):
                            self.assertEqual(dynamodb._query(query)[2], plain(query)[2])


if __name__ == "__main__":
    unittest.main()
