"""Parses and validates log lines in CloudWatch's Embedded Metric Format (EMF)."""

import json

import jsonschema

from infra.templates import INFRA

_SCHEMA = jsonschema.Draft202012Validator(json.loads((INFRA / "emf.schema.json").read_text()))


def parse(line: str) -> dict | None:
    """The line as an EMF document; None if it is not one."""
    try:
        document = json.loads(line)
    except ValueError:
        return None
    return document if isinstance(document, dict) and "_aws" in document else None


def faults(document: dict) -> list[str]:
    """Faults that CloudWatch would reject: violations of the schema, and names without values."""
    wrong = [f"{error.json_path}: {error.message}" for error in _SCHEMA.iter_errors(document)]
    if wrong:
        return wrong
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for name in {name for dimensions in directive["Dimensions"] for name in dimensions}:
            if not (isinstance(document.get(name), str) and document[name].strip()):
                wrong.append(f"the dimension {name} has no value")
        for metric in directive["Metrics"]:
            if not isinstance(document.get(metric["Name"]), (int, float, list)):
                wrong.append(f"the metric {metric['Name']} has no value")
    return wrong


def measured(document: dict) -> set[tuple]:
    """The document's metrics: namespace, name, and dimensions with values."""
    return {
        (directive["Namespace"], metric["Name"], tuple((name, document[name]) for name in sorted(dimensions)))
        for directive in document["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
        for dimensions in directive["Dimensions"]
    }
