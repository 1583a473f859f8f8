"""The table's access patterns, parsed from TABLE.md."""

import re
from dataclasses import dataclass

from infra.stage import ROOT

PAGE = ROOT / "server/src/aws/TABLE.md"


@dataclass(frozen=True)
class Pattern:
    """An access pattern, a row of a table in TABLE.md."""

    name: str
    operation: str
    index: str | None
    pk: str
    sk: str
    # The bounds of the sort key: all, before, after, upto or between; empty for a single row.
    bound: str
    # The common prefix of the range's sort keys, and the form of the bound that follows it.
    prefix: str
    cut: str
    upwards: bool
    limit: int
    consistent: bool
    bytes: int
    units: float


def _pattern(cells: list[str]) -> Pattern:
    name, operation, index, pk, sk, condition, order, limit, consistent, size, units = (cell.replace("`", "") for cell in cells)
    bound, *rest = condition.split() or [""]
    if bound == "all":
        prefix, cut = (*rest, "")[0], ""
    else:
        prefix, cut = ("", "", *rest)[-2:]
    return Pattern(
        name, operation, index or None, pk, sk, bound, prefix, cut, order != "down", int(limit), consistent == "yes", int(size), float(units)
    )


def patterns() -> list[Pattern]:
    """All patterns in TABLE.md."""
    rows = ([cell.strip() for cell in line.strip("|\n").split("|")] for line in PAGE.read_text().splitlines() if line.startswith("|"))
    return [_pattern(cells) for cells in rows if cells[0] != "pattern" and set(cells[0]) != {"-"}]


def prefix_of(template: str) -> str | None:
    """The key's constant prefix, such as PHOTO; None if a key begins with a value."""
    found = re.match(r"[A-Z]+", template)
    return found[0] if found else None
