"""What pages of somebody's timeline read from the table of a local stage, in units: asked as the page of access patterns says, of which
tests hold that the server asks so.

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
"""A time in September 2020, as sort keys have it."""


def reads(stage: Stage, email: str) -> dict[str, float]:
    """Units of each page."""
    library, client = library_of(stage, email), stage.client("dynamodb")
    every = {pattern.name: pattern for pattern in patterns()}
    told = {}
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
        answer = client.query(
            TableName=stage.setting("table"),
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ScanIndexForward=pattern.upwards,
            ConsistentRead=pattern.consistent,
            Limit=pattern.limit,
            ReturnConsumedCapacity="TOTAL",
            **({"IndexName": pattern.index} if pattern.index else {}),
        )
        told[page] = answer["ConsumedCapacity"]["CapacityUnits"]
    return told


if __name__ == "__main__":
    print(json.dumps(reads(Stage.named(sys.argv[1]), sys.argv[2])))
