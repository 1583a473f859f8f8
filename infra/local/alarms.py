"""What MiniStack's alarms lack: a sum of several metrics, and the dimensions that an alarm names.

Its own alarms know one metric, of any dimensions. Of metric math only the sum is here, which is all that the templates ask.
"""

import inspect

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from infra.local.patches import expect, rewrite

_ANY_DIMENSIONS = "for (k_ns, k_mn, _), pts in _metrics.items():\n        if k_ns == ns and k_mn == mn:"
_WATCHED = "for key, pts in _metrics.items():\n        if key in _watched(alarm):"


def patch() -> None:
    """Has MiniStack look at what is named here."""
    cloudwatch._watched = watched
    rewrite(cloudwatch, "_evaluate_alarm", (_ANY_DIMENSIONS, _WATCHED))

    record = provisioners._cw_metric_alarm_record
    expect("_cw_metric_alarm_record", inspect.getsource(record), 'if props.get("Metrics"):')
    provisioners._cw_metric_alarm_record = lambda name, props: summed(record, name, props)


def watched(alarm: dict) -> set[tuple]:
    """The keys of the metrics whose points the alarm looks at."""
    metrics = [query["MetricStat"]["Metric"] for query in _parts(alarm)] or [alarm]
    return {(m["Namespace"], m["MetricName"], cloudwatch._dims_key(cloudwatch._dims_from_list(m.get("Dimensions") or []))) for m in metrics}


def summed(record, name: str, properties: dict) -> dict:
    """The alarm that `record` makes; one on a sum has the first metric's period and statistic, and all of them beside."""
    parts = _parts(properties)
    if not parts:
        return record(name, properties)
    if not all(query["Expression"].startswith("SUM(") for query in properties["Metrics"] if "Expression" in query):
        raise ValueError("the local cloud knows no metric math but SUM")
    first = parts[0]["MetricStat"]
    single = {key: value for key, value in properties.items() if key != "Metrics"} | first["Metric"]
    alarm = record(name, single | {"Statistic": first["Stat"], "Period": first["Period"]})
    return alarm | {"Metrics": properties["Metrics"]}


def _parts(alarm: dict) -> list[dict]:
    return [query for query in alarm.get("Metrics", []) if "MetricStat" in query]
