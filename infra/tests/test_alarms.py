"""The local cloud's alarm evaluation: M out of N periods, and delayed data points."""

import unittest

from infra.local.alarms import DELAY_SECONDS, breaches

NOW = 1_764_000_000.0


def key(queue: str) -> tuple:
    return "AWS/SQS", "Visible", f"QueueName={queue}"


def points(*ages: float, value: float = 1) -> list[dict]:
    """Data points of these ages in seconds."""
    return [{"Timestamp": NOW - age, "Value": value, "Count": 1} for age in ages]


def alarm(periods: int, datapoints: int, *queues: str, threshold: float = 0) -> dict:
    """An alarm on the sum of several queues' visible messages, with periods of a minute."""
    metrics = [
        {"MetricStat": {"Stat": "Maximum", "Period": 60, "Metric": {"Namespace": "AWS/SQS", "MetricName": "Visible", "Dimensions": [dimension]}}}
        for dimension in ({"Name": "QueueName", "Value": queue} for queue in queues)
    ]
    return {"Period": 60, "EvaluationPeriods": periods, "DatapointsToAlarm": datapoints, "Threshold": threshold, "Metrics": metrics}


class Breaches(unittest.TestCase):
    def test_data_points_of_the_last_minute_are_ignored(self):
        data = {key("a"): points(1, DELAY_SECONDS - 1)}
        self.assertFalse(breaches(alarm(1, 1, "a"), data, NOW))
        self.assertFalse(breaches(alarm(5, 1, "a"), data, NOW))
        self.assertTrue(breaches(alarm(5, 1, "a"), data, NOW + DELAY_SECONDS))
        self.assertFalse(breaches(alarm(1, 1, "a"), data, NOW + DELAY_SECONDS + 60), "older than the evaluation periods")

    def test_m_out_of_n_periods_must_be_above(self):
        one, two = {key("a"): points(70)}, {key("a"): points(70, 200)}
        self.assertEqual([breaches(alarm(5, 2, "a"), data, NOW) for data in (one, two)], [False, True])
        self.assertFalse(breaches(alarm(5, 2, "a"), {key("a"): points(70, 80)}, NOW), "one period is counted once")

    def test_metrics_are_summed_within_a_period(self):
        both = alarm(5, 1, "a", "b", threshold=1)
        self.assertTrue(breaches(both, {key("a"): points(70), key("b"): points(75)}, NOW))
        self.assertFalse(breaches(both, {key("a"): points(70), key("b"): points(130)}, NOW))
        self.assertFalse(breaches(both, {key("a"): points(70), key("c"): points(75)}, NOW), "a metric that is not in the alarm")

    def test_an_alarm_on_a_single_metric_has_a_statistic(self):
        slow = {"Namespace": "Shoebox", "MetricName": "TimeToReady", "Dimensions": [], "Statistic": "Average", "ExtendedStatistic": "p95"}
        slow |= {"Period": 900, "EvaluationPeriods": 1, "Threshold": 5}
        data = {("Shoebox", "TimeToReady", ""): points(*range(61, 70)) + points(70, value=100)}
        self.assertTrue(breaches(slow, data, NOW))
        self.assertFalse(breaches(slow | {"Threshold": 99}, data, NOW))
        self.assertFalse(breaches(slow, {}, NOW))


if __name__ == "__main__":
    unittest.main()
