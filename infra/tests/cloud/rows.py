"""Helpers that write rows and originals directly."""

import base64
import hashlib
import json
import time
import uuid
from decimal import Decimal

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from infra.stack_parameters import StageStacks
from infra.stage import ROOT, Stage

STAGE = Stage.named("test")
OUTPUTS = StageStacks(STAGE).outputs
ORIGINAL = (ROOT / "server/tests/photos/dogs.jpg").read_bytes()
TIMEOUT_SECONDS = 300


def put(row: dict) -> dict:
    """Writes a row."""
    item = {name: TypeSerializer().serialize(value) for name, value in row.items() if value is not None}
    STAGE.client("dynamodb").put_item(TableName=OUTPUTS["TableName"], Item=item)
    return row


def get(row: dict) -> dict | None:
    """The current row with this row's key."""
    key = {name: {"S": row[name]} for name in ("pk", "sk")}
    item = STAGE.client("dynamodb").get_item(TableName=OUTPUTS["TableName"], Key=key, ConsistentRead=True).get("Item")
    return item and {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def contract_row(name: str, **changed) -> dict:
    """A row of a contract, with some attributes changed."""
    text = (ROOT / "server/tests/contracts/rows" / f"{name}.json").read_text()
    return json.loads(text, parse_float=Decimal) | changed


def expected_photo() -> dict:
    """A photo in a new library, whose original is not uploaded."""
    photo, library, now = str(uuid.uuid4()), str(uuid.uuid4()), int(time.time() * 1000)
    return put(
        contract_row(
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
    """Such a photo, uploaded and ready."""
    row = expected_photo()
    STAGE.client("s3").put_object(Bucket=OUTPUTS["OriginalsBucket"], Key=original_key(row), Body=ORIGINAL)
    return until("the photo is ready", lambda: (current := get(row))["state"]["is"] == "ready" and current)


def original_key(photo: dict) -> str:
    return f"originals/{photo['library']}/{photo['id']}"


def until(what: str, poll):
    """The first truthy result of `poll`; fails with `what` after a timeout."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not (result := poll()):
        assert time.monotonic() < deadline, f"timed out after {TIMEOUT_SECONDS} s: {what}"
        time.sleep(STAGE.pause)
    return result
