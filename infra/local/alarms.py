"""CloudWatch alarm features that MiniStack lacks: metric math sums, dimensions, M out of N evaluation periods, and delayed data points.

Its own alarms evaluate one metric over one period, ignore dimensions, and see each point immediately. Only what the templates use is
implemented: of metric math the sum, and one comparison operator.
"""

import inspect
import time

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from infra.local.patches import expect

DELAY_SECONDS = 60
"""How long until alarms see a data point. AWS services publish metrics late, so an alarm's newest minute is still empty."""

# A metric's key in MiniStack's store, and the statistic to compute.
Metric = tuple[tuple, str]


def patch() -> None:
    """Replaces MiniStack's alarm evaluation and creation."""
    source = inspect.getsource(cloudwatch._evaluate_alarm)
    for fragment in ("_record_history(alarm[", "_dispatch_alarm_actions(alarm, old_state, new_state, reason)", "_evaluate_parent_alarms(alarm)"):
        expect("_evaluate_alarm", source, fragment)
    cloudwatch._evaluate_alarm = evaluate

    record = provisioners._cw_metric_alarm_record
    expect("_cw_metric_alarm_record", inspect.getsource(record), 'if props.get("Metrics"):')
    provisioners._cw_metric_alarm_record = lambda name, props: summed(record, name, props)


def evaluate(alarm: dict) -> None:
    """Updates the alarm's state and runs its actions on a change. Without any data point the initial state stays."""
    if not any(cloudwatch._metrics.get(key) for key, _ in metrics_of(alarm)):
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
    """Whether enough evaluation periods are above the threshold at `now`. A period without data is not breaching."""
    above = 0
    for index in range(alarm["EvaluationPeriods"]):
        until = now - index * alarm["Period"]
        begin = until - alarm["Period"]
        seen = {
            key: [point for point in points.get(key) or [] if begin <= point["Timestamp"] < min(until, now - DELAY_SECONDS)]
            for key, _ in metrics_of(alarm)
        }
        values = [cloudwatch._stat_value(cloudwatch._calc_stats(seen[key]), stat, seen[key]) or 0 for key, stat in metrics_of(alarm)]
        above += sum(values) > alarm["Threshold"]
    return above >= alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])


def metrics_of(alarm: dict) -> list[Metric]:
    """The metrics that the alarm evaluates."""
    metrics = [(query["MetricStat"]["Metric"], query["MetricStat"]["Stat"]) for query in _parts(alarm)]
    metrics = metrics or [(alarm, alarm.get("ExtendedStatistic") or alarm["Statistic"])]
    return [((m["Namespace"], m["MetricName"], cloudwatch._dims_key(cloudwatch._dims_from_list(m.get("Dimensions") or []))), s) for m, s in metrics]


def summed(record, name: str, properties: dict) -> dict:
    """The alarm that `record` creates; an alarm on a sum gets the first metric's period and statistic, plus `Metrics` with all of them."""
    if (properties["ComparisonOperator"], properties.get("TreatMissingData")) != ("GreaterThanThreshold", "notBreaching"):
        raise ValueError("the local cloud supports only GreaterThanThreshold alarms with TreatMissingData: notBreaching")
    parts = _parts(properties)
    if not parts:
        return record(name, properties)
    if not all(query["Expression"].startswith("SUM(FILL(") for query in properties["Metrics"] if "Expression" in query):
        raise ValueError("the only metric math that the local cloud supports is SUM(FILL(…))")
    first = parts[0]["MetricStat"]
    single = {key: value for key, value in properties.items() if key != "Metrics"} | first["Metric"]
    alarm = record(name, single | {"Statistic": first["Stat"], "Period": first["Period"]})
    return alarm | {"Metrics": properties["Metrics"]}


def _parts(alarm: dict) -> list[dict]:
    return [query for query in alarm.get("Metrics", []) if "MetricStat" in query]
