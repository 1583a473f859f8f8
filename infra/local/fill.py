"""Fills a library of a local stage with photos of many years, as many as one likes. They have no bytes: only the timeline knows them.

    python -m infra.local.fill STAGE EMAIL COUNT

They are made after photos that the account has, in their shapes, and counted by day as the stream counts real ones. Their rows lie apart
from those of photos: the stream would tell of each of them.
"""

import random
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from infra.stage import Stage

SHIFT_MS = 1 << 46
"""As in `app/model/src/timeline.rs`."""
FILLED = "FILL#"
"""What partitions of such photos begin with."""
DAY_MS = 86_400_000
FIRST_DAY, LAST_DAY = date(2016, 1, 1), date(2025, 12, 31)
AT_ONCE = 25
WRITERS = 4

Row = dict[str, dict]
"""As the table's API has it, each value with its type: a hundred thousand take long to be translated."""


def library_of(stage: Stage, email: str) -> str:
    """Whose library it is, by the address."""
    users = stage.client("cognito-idp").list_users(UserPoolId=stage.setting("user-pool"), Filter=f'email = "{email}"')["Users"]
    if not users:
        raise SystemExit(f"No account has the address {email}")
    return next(attribute["Value"] for attribute in users[0]["Attributes"] if attribute["Name"] == "sub")


def samples(stage: Stage, library: str) -> list[Row]:
    """Photos of the library that are ready."""
    answer = stage.client("dynamodb").query(
        TableName=stage.setting("table"),
        IndexName="timeline",
        KeyConditionExpression="timeline_pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"LIBRARY#{library}"}},
        Limit=50,
    )
    ready = [row for row in answer["Items"] if row["state"]["M"]["is"]["S"] == "ready"]
    if not ready:
        raise SystemExit("The library has no photo that is ready")
    return ready


def days(count: int, chance: random.Random) -> Iterator[date]:
    """Days with photos: most with some, holidays with many."""
    every = (LAST_DAY - FIRST_DAY).days
    weights = [chance.choice((0, 1, 1, 2, 3, 30 if number % 90 < 8 else 4)) for number in range(every)]
    for number in chance.choices(range(every), weights, k=count):
        yield FIRST_DAY + timedelta(number)


def photos(library: str, count: int, made_after: list[Row]) -> Iterator[Row]:
    chance = random.Random(7)
    for day in days(count, chance):
        wall = (day - date(1970, 1, 1)).days * DAY_MS + chance.randrange(DAY_MS)
        identifier = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        place = f"{wall + SHIFT_MS:015}#{identifier}"
        sample = {name: value for name, value in chance.choice(made_after).items() if name not in ("shot", "caption", "favourite")}
        yield sample | {
            "pk": {"S": f"{FILLED}{library}#{identifier}"},
            "id": {"S": identifier},
            "taken_at": {"N": str(wall)},
            "timeline_sk": {"S": place},
        }


def months(library: str, rows: list[Row]) -> Iterator[Row]:
    """How many photos each day has, a row a month, with those that are counted already."""
    counts = Counter(date(1970, 1, 1) + timedelta(int(row["taken_at"]["N"]) // DAY_MS) for row in rows)
    for month in sorted({(day.year, day.month) for day in counts}):
        of_month = {f"d{day.day}": {"N": str(count)} for day, count in counts.items() if (day.year, day.month) == month}
        yield {"pk": {"S": f"LIBRARY#{library}"}, "sk": {"S": f"MONTH#{month[0]:04}-{month[1]:02}"}} | of_month


def write(stage: Stage, rows: list[Row]) -> None:
    client, table = stage.client("dynamodb"), stage.setting("table")

    def some(batch: list[Row]) -> None:
        left = [{"PutRequest": {"Item": row}} for row in batch]
        while left:
            left = client.batch_write_item(RequestItems={table: left}).get("UnprocessedItems", {}).get(table, [])

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(some, (rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE))))


def fill(stage: Stage, email: str, count: int) -> None:
    """Writes the photos and their counts."""
    library = library_of(stage, email)
    made_after = samples(stage, library)
    rows = list(photos(library, count, made_after))
    write(stage, rows)
    write(stage, list(months(library, rows + made_after)))


if __name__ == "__main__":
    fill(Stage.named(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    print(f"{int(sys.argv[3]):,} photos")
