"""How the local cloud judges an alarm: by whole periods, and without what CloudWatch would not see yet."""

import unittest

from infra.local.alarms import LATE, breaches

NOW = 1_764_000_000.0


def key(queue: str) -> tuple:
    return "AWS/SQS", "Visible", f"QueueName={queue}"


def points(*ages: float, value: float = 1) -> list[dict]:
    """Points of so many seconds ago."""
    return [{"Timestamp": NOW - age, "Value": value, "Count": 1} for age in ages]


def alarm(periods: int, datapoints: int, *queues: str, threshold: float = 0) -> dict:
    """On the sum of what lies in queues, minute by minute."""
    metrics = [
        {"MetricStat": {"Stat": "Maximum", "Period": 60, "Metric": {"Namespace": "AWS/SQS", "MetricName": "Visible", "Dimensions": [dimension]}}}
        for dimension in ({"Name": "QueueName", "Value": queue} for queue in queues)
    ]
    return {"Period": 60, "EvaluationPeriods": periods, "DatapointsToAlarm": datapoints, "Threshold": threshold, "Metrics": metrics}


class Breaches(unittest.TestCase):
    def test_the_newest_minute_is_not_seen(self):
        there = {key("a"): points(1, LATE - 1)}
        self.assertFalse(breaches(alarm(1, 1, "a"), there, NOW))
        self.assertFalse(breaches(alarm(5, 1, "a"), there, NOW))
        self.assertTrue(breaches(alarm(5, 1, "a"), there, NOW + LATE))
        self.assertFalse(breaches(alarm(1, 1, "a"), there, NOW + LATE + 60), "nor what is older than the alarm looks back")

    def test_so_many_periods_of_those_that_it_looks_at_must_be_above(self):
        one, two = {key("a"): points(70)}, {key("a"): points(70, 200)}
        self.assertEqual([breaches(alarm(5, 2, "a"), there, NOW) for there in (one, two)], [False, True])
        self.assertFalse(breaches(alarm(5, 2, "a"), {key("a"): points(70, 80)}, NOW), "one period is counted once")

    def test_metrics_are_summed_within_a_period(self):
        both = alarm(5, 1, "a", "b", threshold=1)
        self.assertTrue(breaches(both, {key("a"): points(70), key("b"): points(75)}, NOW))
        self.assertFalse(breaches(both, {key("a"): points(70), key("b"): points(130)}, NOW))
        self.assertFalse(breaches(both, {key("a"): points(70), key("c"): points(75)}, NOW), "nobody asked for the third")

    def test_one_metric_alone_has_its_own_statistic(self):
        slow = {"Namespace": "Shoebox", "MetricName": "TimeToReady", "Dimensions": [], "Statistic": "Average", "ExtendedStatistic": "p95"}
        slow |= {"Period": 900, "EvaluationPeriods": 1, "Threshold": 5}
        there = {("Shoebox", "TimeToReady", ""): points(*range(61, 70)) + points(70, value=100)}
        self.assertTrue(breaches(slow, there, NOW))
        self.assertFalse(breaches(slow | {"Threshold": 99}, there, NOW))
        self.assertFalse(breaches(slow, {}, NOW))


if __name__ == "__main__":
    unittest.main()
