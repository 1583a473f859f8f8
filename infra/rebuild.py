"""Writes a lost table's rows again, from the sidecars that lie beside the originals.

    python -m infra.rebuild STAGE

Run it after `python -m infra.deploy STAGE --new-table`. What is in the table is never overwritten, so it may run twice.
"""

import base64
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from infra.stage import Stage
from infra.timing import fail

VERSION = 1
SIDECARS = "sidecars/"
ORIGINALS = "originals/"
UNREADABLE = "sidecars that cannot be read"
# As many connections as a client keeps.
_AT_ONCE = 10
_SHOWN = 20


def sidecar_key(pk: str, sk: str) -> str:
    """Where the sidecar of the row at `pk`, `sk` lies."""
    return f"{SIDECARS}{pk.replace('#', '/')}/{sk.replace('#', '/')}.json"


def original_key(photo: dict) -> str:
    return f"{ORIGINALS}{photo['library']}/{photo['id']}"


def read_row(key: str, body: bytes) -> dict:
    """The row in a sidecar; raises `ValueError` when its version is not ours, or when it lies in another's place."""
    sidecar = json.loads(body, parse_float=Decimal)
    if sidecar.get("version") != VERSION:
        raise ValueError(f"its version is {sidecar.get('version')}")
    row = sidecar["row"]
    if sidecar_key(row["pk"], row["sk"]) != key:
        raise ValueError(f"it holds the row {row['pk']} {row['sk']}")
    return row


def developed_anew(photo: dict) -> dict:
    """The photo before its next generation: the name of the last one's execution is taken for 90 days."""
    return photo | {"generation": photo["generation"] + 1, "formats": []}


def attributes(row: dict) -> dict:
    """As the table takes it."""
    return {name: TypeSerializer().serialize(value) for name, value in row.items()}


def counted_in(photo: dict) -> dict:
    """The update that counts a photo's room in, as `server/src/photos/usage.rs` does."""
    return {
        "Key": attributes({"pk": f"USAGE#{photo['library']}", "sk": "USAGE"}),
        "UpdateExpression": "ADD #bytes :bytes, #photos :one",
        "ExpressionAttributeNames": {"#bytes": "bytes", "#photos": "photos"},
        "ExpressionAttributeValues": attributes({":bytes": photo["bytes"], ":one": 1}),
    }


def has_its_bytes(row: dict) -> bool:
    """Whether the row is a photo that has its bytes, or waits for them."""
    return row["sk"] == "PHOTO" and row["state"]["is"] != "refused"


def claim(photo: dict) -> dict:
    """The row that finds the photo by its bytes, as `server/src/photos/claim.rs` has it."""
    sha256 = base64.b64decode(photo["sha256"]).hex()
    return {"pk": f"LIBRARY#{photo['library']}", "sk": f"HASH#{sha256}", "version": 1, "photo": photo["id"]}


def favourite(photo: dict) -> dict:
    """Its place among the favourites, as `server/src/photos/records.rs` has it."""
    place = photo["timeline_sk"]
    return {"pk": f"LIBRARY#{photo['library']}", "sk": f"LIST#favourites#{place}", "photo": photo["id"], "place": place}


class Rebuild:
    """One run over a stage's bucket, what it counted, and the first keys of each kind of trouble."""

    def __init__(self, stage: Stage):
        self.rows: Counter[str] = Counter()
        self.troubles: Counter[str] = Counter()
        self.shown: dict[str, list[str]] = defaultdict(list)
        self._table = stage.setting("table")
        self._bucket = stage.setting("originals-bucket")
        self._arrivals = f"shoebox-{stage.name}-arrivals"
        self._dynamodb, self._s3, self._lambda = (stage.client(name) for name in ("dynamodb", "s3", "lambda"))

    def run(self) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            # First, so that the messages about the rows are numbered on from there.
            self._each(pool, self._begin_channel, self._accounts())
            self._each(pool, self._restore, self._keys(SIDECARS))
            self._each(pool, self._look_for_sidecar, self._keys(ORIGINALS))

    def _each(self, pool: ThreadPoolExecutor, work: Callable[[str], Iterator], pages: Iterable[list[str]]) -> None:
        """Works on a page of the listing at a time, so that a large bucket takes no more memory than a small one."""
        for page in pages:
            for found in pool.map(lambda key: list(work(key)), page):
                self._count(found)

    def _count(self, found: list[tuple[Counter, str, str]]) -> None:
        for counter, kind, key in found:
            counter[kind] += 1
            if counter is self.troubles and len(self.shown[kind]) < _SHOWN:
                self.shown[kind].append(key)

    def _list(self, **where) -> Iterator[dict]:
        yield from self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, **where)

    def _keys(self, prefix: str) -> Iterator[list[str]]:
        for page in self._list(Prefix=prefix):
            yield [item["Key"] for item in page.get("Contents", [])]

    def _accounts(self) -> Iterator[list[str]]:
        for page in self._list(Prefix=f"{SIDECARS}ACCOUNT/", Delimiter="/"):
            yield [common["Prefix"].split("/")[2] for common in page.get("CommonPrefixes", [])]

    def _begin_channel(self, account: str) -> Iterator:
        """Begins the library's numbers above any that a browser may hold: it sees a gap, and loads the page anew."""
        now = time.time()
        counter = {"pk": f"CHANNEL#library-{account}", "sk": "COUNTER", "number": int(now), "at": int(now * 1000)}
        yield self.rows, self._write(counter), account

    def _restore(self, key: str) -> Iterator:
        try:
            row = read_row(key, self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            yield self.troubles, UNREADABLE, f"{key}: {wrong}"
        else:
            yield from self._restore_photo(row) if row["sk"] == "PHOTO" else [(self.rows, self._write(row), key)]

    def _restore_photo(self, photo: dict) -> Iterator:
        """Restores a photo, and has it developed when its original is there and its renditions are not."""
        state, original = photo["state"]["is"], original_key(photo)
        there = self._has(original)
        if not there and state in ("received", "ready"):
            yield self.troubles, "photos without original", original
        develop = there and state in ("expected", "received")
        yield self.rows, self._write(developed_anew(photo) if develop else photo), original
        if develop:
            self._tell_arrivals(original)
            yield self.rows, "photos to be developed", original

    def _look_for_sidecar(self, original: str) -> Iterator:
        if not self._has(sidecar_key(f"PHOTO#{original.rsplit('/', 1)[-1]}", "PHOTO")):
            yield self.troubles, "originals without sidecar", original

    def _has(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
            return True
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return False
            raise

    def _write(self, row: dict) -> str:
        """Writes the row where there is none; answers how it is to be counted."""
        kind = row["pk"].split("#")[0]
        writes = [{"Put": {"TableName": self._table, "Item": attributes(row), "ConditionExpression": "attribute_not_exists(pk)"}}]
        if row.get("counted"):
            writes.append({"Update": {"TableName": self._table, **counted_in(row)}})
        if row.get("favourite") and not row.get("trashed_at"):
            writes.append({"Put": {"TableName": self._table, "Item": attributes(favourite(row))}})
        if has_its_bytes(row):
            writes.append({"Put": {"TableName": self._table, "Item": attributes(claim(row))}})
        while True:
            try:
                self._dynamodb.transact_write_items(TransactItems=writes)
                return f"{kind} written"
            except self._dynamodb.exceptions.TransactionCanceledException as canceled:
                if canceled.response["CancellationReasons"][0]["Code"] == "ConditionalCheckFailed":
                    return f"{kind} there already"
                # Another photo of the library was being counted.
                if all(reason["Code"] in ("None", "TransactionConflict") for reason in canceled.response["CancellationReasons"]):
                    continue
                raise

    def _tell_arrivals(self, original: str) -> None:
        """As the bucket's event does, which cannot be sent in its name."""
        detail = {"bucket": {"name": self._bucket}, "object": {"key": original}}
        event = {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}
        self._lambda.invoke(FunctionName=self._arrivals, InvocationType="Event", Payload=json.dumps(event))


def report(done: Rebuild, seconds: float) -> None:
    for what, count in sorted(done.rows.items()):
        print(f"  {what:<44}{count:>14,}")
    for trouble, count in sorted(done.troubles.items()):
        print(f"  {trouble:<44}{count:>14,}")
        for line in done.shown[trouble]:
            print(f"    {line}")
    print(f"  {'seconds':<44}{seconds:>14.1f}")


def rebuild(stage: Stage) -> Rebuild:
    """Writes every row that has a sidecar and is not there, and prints what came of it."""
    began = time.monotonic()
    done = Rebuild(stage)
    done.run()
    report(done, time.monotonic() - began)
    return done


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        return fail(__doc__)
    return 1 if rebuild(Stage.named(arguments[0])).troubles[UNREADABLE] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
