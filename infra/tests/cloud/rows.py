"""Rows and originals, put where functions find them."""

import base64
import hashlib
import json
import time
import uuid
from decimal import Decimal

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from infra.stage import ROOT, Stage
from infra.wiring import Wiring

STAGE = Stage.named("test")
OUTPUTS = Wiring(STAGE).outputs
ORIGINAL = (ROOT / "server/tests/photos/dogs.jpg").read_bytes()
PATIENCE = 300


def put(row: dict) -> dict:
    """Writes a row."""
    item = {name: TypeSerializer().serialize(value) for name, value in row.items() if value is not None}
    STAGE.client("dynamodb").put_item(TableName=OUTPUTS["TableName"], Item=item)
    return row


def get(row: dict) -> dict | None:
    """The row that is there by now in place of this one."""
    key = {name: {"S": row[name]} for name in ("pk", "sk")}
    there = STAGE.client("dynamodb").get_item(TableName=OUTPUTS["TableName"], Key=key, ConsistentRead=True).get("Item")
    return there and {name: TypeDeserializer().deserialize(value) for name, value in there.items()}


def published(name: str, **changed) -> dict:
    """A row of a published shape, with some of it changed."""
    text = (ROOT / "server/tests/contracts/rows" / f"{name}.json").read_text()
    return json.loads(text, parse_float=Decimal) | changed


def expected_photo() -> dict:
    """A photo of a library of its own, whose bytes have not come."""
    photo, library, now = str(uuid.uuid4()), str(uuid.uuid4()), int(time.time() * 1000)
    return put(
        published(
            "photo.v1",
            pk=f"PHOTO#{photo}",
            id=photo,
            library=library,
            timeline_pk=f"LIBRARY#{library}",
            timeline_sk=f"070368657777664#{photo}",
            bytes=len(ORIGINAL),
            sha256=base64.b64encode(hashlib.sha256(ORIGINAL).digest()).decode(),
            grant_ends_at=now + 600_000,
            state={"is": "expected"},
            history=[{"state": {"is": "expected"}, "at": now}],
            formats=[],
        )
    )


def ready_photo() -> dict:
    """Such a photo, sent and developed."""
    row = expected_photo()
    STAGE.client("s3").put_object(Bucket=OUTPUTS["OriginalsBucket"], Key=original_key(row), Body=ORIGINAL)
    return until("the photo is ready", lambda: (there := get(row))["state"]["is"] == "ready" and there)


def original_key(photo: dict) -> str:
    return f"originals/{photo['library']}/{photo['id']}"


def until(what: str, look):
    """What `look` sees, once it is something."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not so after {PATIENCE} s: {what}"
        time.sleep(STAGE.pause)
    return seen
