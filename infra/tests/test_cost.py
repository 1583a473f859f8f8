"""What is billed: what a call takes, what a month is charged for what stands there, and that each has a price."""

import io
import json
import tempfile
import unittest
from collections import Counter
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from unittest.mock import patch

from infra import templates
from infra.local import cost, tally
from infra.stage import Stage


def taken(action: str, **request) -> dict[str, float]:
    return tally.amounts(action, json.dumps(request).encode())


class Calls(unittest.TestCase):
    row = {"pk": {"S": "PHOTO#1"}, "sk": {"S": "PHOTO"}}

    def test_rows_are_billed_by_the_kilobyte_and_once_more_for_each_index(self):
        self.assertEqual(taken("dynamodb:PutItem", Item=self.row), {"table_writes": 1})
        self.assertEqual(taken("dynamodb:PutItem", Item=self.row | {"timeline_pk": {"S": "a"}, "due_pk": {"S": "b"}}), {"table_writes": 3})
        self.assertEqual(taken("dynamodb:PutItem", Item=self.row | {"note": {"S": "a" * 1500}}), {"table_writes": 2})
        self.assertEqual(taken("dynamodb:UpdateItem", Key=self.row), {"table_writes": 1})

    def test_transactions_take_twice_as_much_each_action_its_own(self):
        items = [{"Put": {"Item": self.row}}, {"Put": {"Item": self.row}}, {"Delete": {"Key": self.row}}, {"ConditionCheck": {"Key": self.row}}]
        self.assertEqual(taken("dynamodb:PutItem", TransactItems=items), {"table_writes": 4})
        self.assertEqual(taken("dynamodb:DeleteItem", TransactItems=items), {"table_writes": 2})
        self.assertEqual(taken("dynamodb:ConditionCheckItem", TransactItems=items), {"table_writes": 2})

    def test_batches_are_billed_by_their_rows(self):
        self.assertEqual(taken("dynamodb:BatchGetItem", RequestItems={"t": {"Keys": [self.row, self.row]}}), {"table_reads": 2})
        batch = [{"PutRequest": {"Item": self.row}}, {"DeleteRequest": {"Key": self.row}}]
        self.assertEqual(taken("dynamodb:BatchWriteItem", RequestItems={"t": batch}), {"table_writes": 2})

    def test_others_are_billed_by_the_request_or_not(self):
        self.assertEqual(tally.amounts("s3:PutObject", b"bytes"), {"store_writes": 1})
        self.assertEqual(taken("events:PutEvents", Entries=[{}, {}]), {"bus_events": 2})
        self.assertEqual(tally.amounts("s3:DeleteObject", b""), {})
        # What the local cloud asks before it has read a call.
        self.assertEqual(tally.amounts("execute-api:ManageConnections", b""), {"socket_messages": 1})

    def test_what_came_later_is_read_by_itself(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "tally.jsonl")
            notes = tally.Tally(path)
            notes.note("s3:GetObject", b"")
            first, place = tally.read(path)
            notes.note("s3:GetObject", b"")
            notes.note("ssm:GetParameters", b"{}")
            self.assertEqual((first, tally.read(path, place)[0]), (Counter(store_reads=1), Counter(store_reads=1)))


class Prices(unittest.TestCase):
    def test_all_that_is_counted_has_one(self):
        prices = cost.table()["prices"]
        stands = {*cost.standing(), *(name for usage in cost.kept(0, 0, 0) for name in usage)}
        measured = ("table_writes", "table_reads", "function_calls", "function_gb_seconds", "page_requests", "topic_messages", "fair_queue_requests")
        counted = {*tally.BILLED.values(), *stands, *measured}
        self.assertLessEqual(counted, set(prices))
        self.assertLessEqual(date.fromisoformat(cost.table()["date"]), date.today())

    def test_what_is_free_is_taken_off_once(self):
        self.assertEqual(cost.price({"alarm_metrics": 9}, free=True), {"alarm_metrics": 0})
        self.assertAlmostEqual(cost.price({"alarm_metrics": 13}, free=True)["alarm_metrics"], 0.30)
        self.assertAlmostEqual(cost.price({"alarm_metrics": 13}, free=False)["alarm_metrics"], 1.30)


class Kept(unittest.TestCase):
    def test_originals_are_in_the_store_for_a_month_and_in_the_archive_after_it(self):
        first, later = cost.kept(originals=2 * cost.GB, renditions=cost.GB, moved=1000)
        self.assertEqual(first, {"store_gb": 3, "store_moves": 1000})
        self.assertEqual(later, {"store_gb": 1, "archive_gb": 2})
        rules = templates.load("state")["Resources"]["Originals"]["Properties"]["LifecycleConfiguration"]["Rules"]
        days = [move["TransitionInDays"] for rule in rules for move in rule.get("Transitions", [])]
        self.assertEqual(days, [int(cost.MONTH_DAYS)])

    def test_a_thousand_photos_cost_what_developing_and_keeping_them_does(self):
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
    def test_queues_are_polled_though_nothing_is_in_them(self):
        # Three queues with a maximum of concurrency, so five polls each, of twenty seconds.
        self.assertAlmostEqual(cost.polls(), 3 * 5 * 30.4 * 24 * 180)

    def test_each_schedule_is_counted(self):
        times = {json.loads(payload)["task"]: number for payload, number in cost.schedules()}
        self.assertEqual({task: round(number / 30.4, 3) for task, number in times.items()}, {"sweep": 96, "purge": 4, "rotate": 1, "verify": 1})

    def test_what_stands_there_costs_less_than_a_dollar(self):
        # A secret 0.40, polls 0.39, metrics in alarms 0.20.
        self.assertLess(sum(cost.price(cost.standing(), free=True).values()), cost.IDLE_LIMIT_USD)


if __name__ == "__main__":
    unittest.main()
