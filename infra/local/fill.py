"""Fills a library of a local stage with photos of many years, as many as one likes. They have no bytes: only the timeline knows them.

    python -m infra.local.fill STAGE EMAIL COUNT

They are made after photos that the account has, in their shapes, and counted by day as the stream counts real ones. Their rows lie apart
from those of photos, and the local cloud makes them in its table itself: sent there, and told by the stream, a hundred thousand take
minutes.
"""

import asyncio
import inspect
import random
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from infra.local.patches import expect
from infra.stage import Stage

PATH = "/_shoebox/fill"

SHIFT_MS = 1 << 46
"""As in `app/model/src/timeline.rs`."""
FILLED = "FILL#"
"""What partitions of such photos begin with."""
DAY_MS = 86_400_000
FIRST_DAY, LAST_DAY = date(2016, 1, 1), date(2025, 12, 31)
AT_ONCE = 1000
"""How many rows are made until others have their turn."""

Row = dict[str, dict]
"""As the table's API has it, each value with its type."""


def library_of(stage: Stage, email: str) -> str:
    """Whose library it is, by the address."""
    users = stage.client("cognito-idp").list_users(UserPoolId=stage.setting("user-pool"), Filter=f'email = "{email}"')["Users"]
    if not users:
        raise SystemExit(f"No account has the address {email}")
    return next(attribute["Value"] for attribute in users[0]["Attributes"] if attribute["Name"] == "sub")


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


def months(library: str, counts: Counter[date]) -> Iterator[Row]:
    """How many photos each day has, a row a month."""
    for month in sorted({(day.year, day.month) for day in counts}):
        of_month = {f"d{day.day}": {"N": str(count)} for day, count in counts.items() if (day.year, day.month) == month}
        yield {"pk": {"S": f"LIBRARY#{library}"}, "sk": {"S": f"MONTH#{month[0]:04}-{month[1]:02}"}} | of_month


def samples(table: dict, library: str) -> list[Row]:
    """Photos of the library that are ready."""
    of_library = {"S": f"LIBRARY#{library}"}
    rows = [row for partition in table["items"].values() for row in partition.values() if row.get("timeline_pk") == of_library]
    return [row for row in rows if row["state"]["M"]["is"]["S"] == "ready" and not row["pk"]["S"].startswith(FILLED)]


async def filled(put: Callable[[Row], object], library: str, count: int, made_after: list[Row]) -> None:
    """Makes the photos and the months."""
    counts = Counter(map(day_of, made_after))
    for number, row in enumerate(photos(library, count, made_after), 1):
        put(row)
        counts[day_of(row)] += 1
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    for row in months(library, counts):
        put(row)


def day_of(row: Row) -> date:
    return date(1970, 1, 1) + timedelta(int(row["taken_at"]["N"]) // DAY_MS)


def patch() -> None:
    """Has the local cloud answer to [`fill`]."""
    from ministack import app
    from ministack.services import dynamodb

    handle = app._handle_sqs_messages_request
    expect("_handle_sqs_messages_request", inspect.getsource(handle), "(method: str, path: str, headers: dict, query_params: dict)")
    expect("_set_item", inspect.getsource(dynamodb._set_item), "(table, pk_val, sk_val, item)")

    async def handle_or_fill(method: str, path: str, headers: dict, query: dict):
        if (method, path) != ("POST", PATH):
            return await handle(method, path, headers, query)
        name, library, count = (query[key][0] for key in ("table", "library", "count"))
        table = dynamodb._tables[name]
        made_after = samples(table, library)
        if not made_after:
            return 409, {"Content-Type": "text/plain"}, b"The library has no photo that is ready"
        await filled(lambda row: dynamodb._set_item(table, row["pk"]["S"], row["sk"]["S"], row), library, int(count), made_after)
        return 204, {}, b""

    app._handle_sqs_messages_request = handle_or_fill


def fill(stage: Stage, email: str, count: int) -> None:
    """Has the photos and their counts made."""
    query = urllib.parse.urlencode({"table": stage.setting("table"), "library": library_of(stage, email), "count": count})
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{stage.endpoint}{PATH}?{query}", method="POST")):
            pass
    except urllib.error.HTTPError as refused:
        raise SystemExit(refused.read().decode()) from refused


if __name__ == "__main__":
    fill(Stage.named(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    print(f"{int(sys.argv[3]):,} photos")
