"""The access patterns of the table, read from their page."""

import re
from dataclasses import dataclass

from infra.stage import ROOT

PAGE = ROOT / "server/src/aws/TABLE.md"


@dataclass(frozen=True)
class Pattern:
    """One read, as a row of the page has it."""

    name: str
    operation: str
    index: str | None
    pk: str
    sk: str
    # How the range of sort keys is bound: all, before, after, upto or between; empty for a single row.
    bound: str
    # What all sort keys of the range begin with, and the form of what follows where the range is cut.
    prefix: str
    cut: str
    upwards: bool
    limit: int
    consistent: bool
    bytes: int
    units: float


def _pattern(cells: list[str]) -> Pattern:
    name, operation, index, pk, sk, asked, order, limit, consistent, size, units = (cell.replace("`", "") for cell in cells)
    bound, *rest = asked.split() or [""]
    if bound == "all":
        prefix, cut = (*rest, "")[0], ""
    else:
        prefix, cut = ("", "", *rest)[-2:]
    return Pattern(
        name, operation, index or None, pk, sk, bound, prefix, cut, order != "down", int(limit), consistent == "yes", int(size), float(units)
    )


def patterns() -> list[Pattern]:
    """All of the page's tables."""
    rows = ([cell.strip() for cell in line.strip("|\n").split("|")] for line in PAGE.read_text().splitlines() if line.startswith("|"))
    return [_pattern(cells) for cells in rows if cells[0] != "pattern" and set(cells[0]) != {"-"}]


def beginnings(template: str) -> str | None:
    """The word that tells this kind of key from others; none where a key begins with a value."""
    found = re.match(r"[A-Z]+", template)
    return found[0] if found else None
