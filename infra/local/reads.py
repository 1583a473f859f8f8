"""Measures the read units of timeline pages on a local stage, with the queries documented as access patterns, which tests compare with
the server's.

    python -m infra.local.reads STAGE EMAIL
"""

import json
import sys

from infra.local.fill import library_of
from infra.stage import Stage
from infra.tests.patterns import patterns

PAGES = {
    "first_page": "timeline",
    "later_page": "timeline, before a place or a day",
    "days": "counts of a library's days",
}
MIDDLE = f"{(1 << 46) + 1_600_000_000_000:015}"
"""A time in September 2020, as a sort key."""


def reads(stage: Stage, email: str) -> dict[str, float]:
    """Read units by page."""
    library, client = library_of(stage, email), stage.client("dynamodb")
    every = {pattern.name: pattern for pattern in patterns()}
    units = {}
    for page, name in PAGES.items():
        pattern = every[name]
        pk, sk = (f"{pattern.index}_pk", f"{pattern.index}_sk") if pattern.index else ("pk", "sk")
        condition, values = f"{pk} = :pk", {":pk": {"S": pattern.pk.replace("<account>", library)}}
        if pattern.prefix:
            condition += f" AND begins_with({sk}, :prefix)"
            values[":prefix"] = {"S": pattern.prefix}
        elif pattern.bound == "before":
            condition += f" AND {sk} < :before"
            values[":before"] = {"S": MIDDLE}
        response = client.query(
            TableName=stage.setting("table"),
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ScanIndexForward=pattern.upwards,
            ConsistentRead=pattern.consistent,
            Limit=pattern.limit,
            ReturnConsumedCapacity="TOTAL",
            **({"IndexName": pattern.index} if pattern.index else {}),
        )
        units[page] = response["ConsumedCapacity"]["CapacityUnits"]
    return units


if __name__ == "__main__":
    print(json.dumps(reads(Stage.named(sys.argv[1]), sys.argv[2])))
