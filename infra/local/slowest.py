"""The slowest tests of a suite, from its runner's JUnit reports."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SHOWN = 10


class Timed(NamedTuple):
    """A test and its duration."""

    seconds: float
    name: str


def read(report: Path) -> list[Timed]:
    """All tests of a report; none if the report is missing or damaged."""
    try:
        cases = ElementTree.parse(report).getroot().iter("testcase")
    except (OSError, ElementTree.ParseError):
        return []
    return [Timed(float(case.get("time") or 0), f"{case.get('classname', '')} {case.get('name', '')}".strip()) for case in cases]


def slowest(reports: Iterable[Path]) -> list[Timed]:
    """The ten slowest tests, slowest first."""
    return sorted((test for report in reports for test in read(report)), reverse=True)[:SHOWN]
