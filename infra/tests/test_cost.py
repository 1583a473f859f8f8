"""The cost estimate: billed amounts of calls, idle usage, storage and prices."""

import io
import json
import tempfile
import unittest
from collections import Counter
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from unittest.mock import patch

from infra import prices, templates
from infra.local import cost, tally
from infra.stage import Stage


def billed(action: str, **request) -> dict[str, float]:
    return tally.amounts(action, json.dumps(request).encode())


class Calls(unittest.TestCase):
    row = {"pk": {"S": "PHOTO#1"}, "sk": {"S": "PHOTO"}}

    def test_rows_are_billed_per_kilobyte_and_index(self):
        self.assertEqual(billed("dynamodb:PutItem", Item=self.row), {"table_writes": 1})
        self.assertEqual(billed("dynamodb:PutItem", Item=self.row | {"timeline_pk": {"S": "a"}, "due_pk": {"S": "b"}}), {"table_writes": 3})
        self.assertEqual(billed("dynamodb:PutItem", Item=self.row | {"note": {"S": "a" * 1500}}), {"table_writes": 2})
        self.assertEqual(billed("dynamodb:UpdateItem", Key=self.row), {"table_writes": 1})

    def test_transactional_writes_cost_twice_as_much(self):
        items = [{"Put": {"Item": self.row}}, {"Put": {"Item": self.row}}, {"Delete": {"Key": self.row}}, {"ConditionCheck": {"Key": self.row}}]
        self.assertEqual(billed("dynamodb:PutItem", TransactItems=items), {"table_writes": 4})
        self.assertEqual(billed("dynamodb:DeleteItem", TransactItems=items), {"table_writes": 2})
        self.assertEqual(billed("dynamodb:ConditionCheckItem", TransactItems=items), {"table_writes": 2})

    def test_batches_are_billed_per_row(self):
        self.assertEqual(billed("dynamodb:BatchGetItem", RequestItems={"t": {"Keys": [self.row, self.row]}}), {"table_reads": 2})
        batch = [{"PutRequest": {"Item": self.row}}, {"DeleteRequest": {"Key": self.row}}]
        self.assertEqual(billed("dynamodb:BatchWriteItem", RequestItems={"t": batch}), {"table_writes": 2})

    def test_other_calls_are_billed_per_request_or_free(self):
        self.assertEqual(tally.amounts("s3:PutObject", b"bytes"), {"store_writes": 1})
        self.assertEqual(billed("events:PutEvents", Entries=[{}, {}]), {"bus_events": 2})
        self.assertEqual(tally.amounts("s3:DeleteObject", b""), {})
        # The local cloud authorizes this before it has read the body.
        self.assertEqual(tally.amounts("execute-api:ManageConnections", b""), {"socket_messages": 1})

    def test_reading_continues_from_an_offset(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "tally.jsonl")
            calls = tally.Tally(path)
            calls.record("s3:GetObject", b"")
            first, offset = tally.read(path)
            calls.record("s3:GetObject", b"")
            calls.record("ssm:GetParameters", b"{}")
            self.assertEqual((first, tally.read(path, offset)[0]), (Counter(store_reads=1), Counter(store_reads=1)))


class Prices(unittest.TestCase):
    def test_everything_counted_has_a_price(self):
        listed = prices.table()["prices"]
        idle = {*cost.idle_usage(), *(name for usage in cost.kept(0, 0, 0) for name in usage)}
        measured = ("table_writes", "table_reads", "function_calls", "function_gb_seconds", "page_requests", "topic_messages", "fair_queue_requests")
        counted = {*tally.BILLED.values(), *idle, *measured}
        self.assertLessEqual(counted, set(listed))
        self.assertLessEqual(date.fromisoformat(prices.table()["date"]), date.today())

    def test_the_free_tier_is_subtracted(self):
        self.assertEqual(cost.price({"alarm_metrics": 9}, free=True), {"alarm_metrics": 0})
        self.assertAlmostEqual(cost.price({"alarm_metrics": 13}, free=True)["alarm_metrics"], 0.30)
        self.assertAlmostEqual(cost.price({"alarm_metrics": 13}, free=False)["alarm_metrics"], 1.30)


class Storage(unittest.TestCase):
    def test_originals_move_to_the_archive_after_a_month(self):
        first, later = cost.kept(originals=2 * cost.GB, renditions=cost.GB, moved=1000)
        self.assertEqual(first, {"store_gb": 3, "store_moves": 1000})
        self.assertEqual(later, {"store_gb": 1, "archive_gb": 2})
        rules = templates.load("state")["Resources"]["Originals"]["Properties"]["LifecycleConfiguration"]["Rules"]
        days = [move["TransitionInDays"] for rule in rules for move in rule.get("Transitions", [])]
        self.assertEqual(days, [int(cost.MONTH_DAYS)])

    def test_a_thousand_photos_cost_processing_and_storage(self):
        thousand = cost.Photos(1.2, {"store_writes": 10_000}, {"store_gb": 2.0, "store_moves": 1000}, {"store_gb": 1.0, "archive_gb": 1.0})
        with (
            tempfile.TemporaryDirectory() as folder,
            patch.multiple(cost, scheduled=lambda stage: Counter(), photos=lambda stage: thousand),
            redirect_stdout(io.StringIO()),
        ):
            cost.measure(Stage.named("bench"), Path(folder))
            figures = json.loads(Path(folder, "cost.json").read_text())
        self.assertEqual((figures["thousand_photos_developed_usd"], figures["thousand_photos_kept_usd"]), (0.05, 0.066))
        self.assertEqual(figures["thousand_photos_usd"], 0.116)
        self.assertEqual(figures["thousand_photos_later_month_usd"], 0.027)


class Idle(unittest.TestCase):
    def test_empty_queues_are_polled(self):
        # Three queues with MaximumConcurrency: five long polls each, of 20 seconds.
        self.assertAlmostEqual(cost.polls(), 3 * 5 * 30.4 * 24 * 180)

    def test_each_schedule_is_counted(self):
        times = {json.loads(payload)["task"]: number for payload, number in cost.schedules()}
        self.assertEqual({task: round(number / 30.4, 3) for task, number in times.items()}, {"sweep": 96, "purge": 4, "rotate": 1, "verify": 1})

    def test_an_idle_month_costs_less_than_a_dollar(self):
        # A secret 0.40, polls 0.39, metrics in alarms 0.20.
        self.assertLess(sum(cost.price(cost.idle_usage(), free=True).values()), cost.IDLE_LIMIT_USD)


if __name__ == "__main__":
    unittest.main()
