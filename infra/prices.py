"""The dated price list, `prices.json`."""

import json

from infra.root import ROOT


def table() -> dict:
    """The list: its date, region and source, and the `prices` by name, each `usd` per `for` units."""
    return json.loads((ROOT / "infra/prices.json").read_text())
