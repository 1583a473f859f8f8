"""What MiniStack's alarms lack: a sum of several metrics, the dimensions that an alarm names, so many breaching periods of several, and
points that come late.

Its own alarms know one metric, of any dimensions, in one period, and see each point at once. Of metric math only the sum is here, and of
the ways to compare only the one that the templates ask for.
"""

import inspect
import time

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from infra.local.patches import expect

LATE = 60
"""Seconds until a point is seen. Services tell their metrics late: what an alarm sums up of the newest minute is nothing yet."""

# A metric's key among the points, and the statistic that is taken of them.
Watched = tuple[tuple, str]


def patch() -> None:
    """Has MiniStack look at what is named here."""
    changed = inspect.getsource(cloudwatch._evaluate_alarm)
    for told in ("_record_history(alarm[", "_dispatch_alarm_actions(alarm, old_state, new_state, reason)", "_evaluate_parent_alarms(alarm)"):
        expect("_evaluate_alarm", changed, told)
    cloudwatch._evaluate_alarm = evaluate

    record = provisioners._cw_metric_alarm_record
    expect("_cw_metric_alarm_record", inspect.getsource(record), 'if props.get("Metrics"):')
    provisioners._cw_metric_alarm_record = lambda name, props: summed(record, name, props)


def evaluate(alarm: dict) -> None:
    """Sets the alarm's state by what is seen by now, and tells of a change. Without any point it stays as it was made."""
    if not any(cloudwatch._metrics.get(key) for key, _ in watched(alarm)):
        return
    old, new = alarm["StateValue"], "ALARM" if breaches(alarm, cloudwatch._metrics, time.time()) else "OK"
    if old == new:
        return
    reason = f"Threshold Crossed: {alarm['ComparisonOperator']} {alarm['Threshold']}"
    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def breaches(alarm: dict, points: dict[tuple, list[dict]], now: float) -> bool:
    """Whether enough of the periods that the alarm looks at are above its threshold, as seen at `now`. One without a point is not."""
    above = 0
    for place in range(alarm["EvaluationPeriods"]):
        until = now - place * alarm["Period"]
        begin = until - alarm["Period"]
        seen = {
            key: [point for point in points.get(key) or [] if begin <= point["Timestamp"] < min(until, now - LATE)] for key, _ in watched(alarm)
        }
        values = [cloudwatch._stat_value(cloudwatch._calc_stats(seen[key]), stat, seen[key]) or 0 for key, stat in watched(alarm)]
        above += sum(values) > alarm["Threshold"]
    return above >= alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])


def watched(alarm: dict) -> list[Watched]:
    """The metrics whose points the alarm looks at."""
    metrics = [(query["MetricStat"]["Metric"], query["MetricStat"]["Stat"]) for query in _parts(alarm)]
    metrics = metrics or [(alarm, alarm.get("ExtendedStatistic") or alarm["Statistic"])]
    return [((m["Namespace"], m["MetricName"], cloudwatch._dims_key(cloudwatch._dims_from_list(m.get("Dimensions") or []))), s) for m, s in metrics]


def summed(record, name: str, properties: dict) -> dict:
    """The alarm that `record` makes; one on a sum has the first metric's period and statistic, and all of them beside."""
    if (properties["ComparisonOperator"], properties.get("TreatMissingData")) != ("GreaterThanThreshold", "notBreaching"):
        raise ValueError("the local cloud's alarms are above a threshold, and without points below it")
    parts = _parts(properties)
    if not parts:
        return record(name, properties)
    if not all(query["Expression"].startswith("SUM(FILL(") for query in properties["Metrics"] if "Expression" in query):
        raise ValueError("the local cloud knows no metric math but a SUM that is filled")
    first = parts[0]["MetricStat"]
    single = {key: value for key, value in properties.items() if key != "Metrics"} | first["Metric"]
    alarm = record(name, single | {"Statistic": first["Stat"], "Period": first["Period"]})
    return alarm | {"Metrics": properties["Metrics"]}


def _parts(alarm: dict) -> list[dict]:
    return [query for query in alarm.get("Metrics", []) if "MetricStat" in query]
