"""Fills a library of a local stage with any number of photo rows over ten years. They have no files: only the timeline shows them.

    python -m infra.local.fill STAGE EMAIL COUNT

They are modelled on ready photos of the account and counted by day, as the stream does for real ones. Their rows have partitions of
their own. The local cloud writes them directly into its table: through its API and stream 100,000 rows take minutes.
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
"""The partition key prefix of these rows."""
DAY_MS = 86_400_000
FIRST_DAY, LAST_DAY = date(2016, 1, 1), date(2025, 12, 31)
BATCH_SIZE = 1000
"""Rows between two yields to the event loop."""

Row = dict[str, dict]
"""A row in DynamoDB's JSON format."""


def library_of(stage: Stage, email: str) -> str:
    """The library (the account's `sub`) of an e-mail address."""
    users = stage.client("cognito-idp").list_users(UserPoolId=stage.setting("user-pool"), Filter=f'email = "{email}"')["Users"]
    if not users:
        raise SystemExit(f"No account has the e-mail address {email}")
    return next(attribute["Value"] for attribute in users[0]["Attributes"] if attribute["Name"] == "sub")


def days(count: int, rng: random.Random) -> Iterator[date]:
    """Random days, weighted: most have some photos, holidays have many."""
    every = (LAST_DAY - FIRST_DAY).days
    weights = [rng.choice((0, 1, 1, 2, 3, 30 if number % 90 < 8 else 4)) for number in range(every)]
    for number in rng.choices(range(every), weights, k=count):
        yield FIRST_DAY + timedelta(number)


def photos(library: str, count: int, templates: list[Row]) -> Iterator[Row]:
    rng = random.Random(7)
    for day in days(count, rng):
        wall = (day - date(1970, 1, 1)).days * DAY_MS + rng.randrange(DAY_MS)
        identifier = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        sort_key = f"{wall + SHIFT_MS:015}#{identifier}"
        sample = {name: value for name, value in rng.choice(templates).items() if name not in ("shot", "caption", "favourite")}
        yield sample | {
            "pk": {"S": f"{FILLED}{library}#{identifier}"},
            "id": {"S": identifier},
            "taken_at": {"N": str(wall)},
            "timeline_sk": {"S": sort_key},
        }


def months(library: str, counts: Counter[date]) -> Iterator[Row]:
    """Rows with the counts of photos by day, one for each month."""
    for month in sorted({(day.year, day.month) for day in counts}):
        of_month = {f"d{day.day}": {"N": str(count)} for day, count in counts.items() if (day.year, day.month) == month}
        yield {"pk": {"S": f"LIBRARY#{library}"}, "sk": {"S": f"MONTH#{month[0]:04}-{month[1]:02}"}} | of_month


def samples(table: dict, library: str) -> list[Row]:
    """The library's ready photos."""
    of_library = {"S": f"LIBRARY#{library}"}
    rows = [row for partition in table["items"].values() for row in partition.values() if row.get("timeline_pk") == of_library]
    return [row for row in rows if row["state"]["M"]["is"]["S"] == "ready" and not row["pk"]["S"].startswith(FILLED)]


async def write_rows(put: Callable[[Row], object], library: str, count: int, templates: list[Row]) -> None:
    """Writes the photos and the months."""
    counts = Counter(map(day_of, templates))
    for number, row in enumerate(photos(library, count, templates), 1):
        put(row)
        counts[day_of(row)] += 1
        if number % BATCH_SIZE == 0:
            await asyncio.sleep(0)
    for row in months(library, counts):
        put(row)


def day_of(row: Row) -> date:
    return date(1970, 1, 1) + timedelta(int(row["taken_at"]["N"]) // DAY_MS)


def patch() -> None:
    """Adds the request that [`fill`] sends to the local cloud."""
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
        templates = samples(table, library)
        if not templates:
            return 409, {"Content-Type": "text/plain"}, b"The library has no ready photo"
        await write_rows(lambda row: dynamodb._set_item(table, row["pk"]["S"], row["sk"]["S"], row), library, int(count), templates)
        return 204, {}, b""

    app._handle_sqs_messages_request = handle_or_fill


def fill(stage: Stage, email: str, count: int) -> None:
    """Has the local cloud write the photos and their counts."""
    query = urllib.parse.urlencode({"table": stage.setting("table"), "library": library_of(stage, email), "count": count})
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{stage.endpoint}{PATH}?{query}", method="POST")):
            pass
    except urllib.error.HTTPError as error:
        raise SystemExit(error.read().decode()) from error


if __name__ == "__main__":
    fill(Stage.named(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    print(f"{int(sys.argv[3]):,} photos")
