"""The one secret: keys that sign links, and the code that makes the first account the owner's."""

import json
import secrets
import time

from infra.stage import Stage


class NotPublished(Exception):
    """The edge has no keys: it would refuse every rendition."""


# Without letters and digits that people take for one another.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def fill(stage: Stage) -> dict:
    """Adds what is missing, once; what is there stays."""
    manager = stage.client("secretsmanager")
    name = f"shoebox/{stage.name}"
    there = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    filled = {
        **{ring: [{"id": "1", "key": secrets.token_urlsafe(32), "made_at": int(time.time() * 1000)}] for ring in ("media_keys", "link_keys")},
        "owner_code": "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)),
        **there,
    }
    if filled != there:
        manager.put_secret_value(SecretId=name, SecretString=json.dumps(filled))
    return filled


def publish_media_keys(stage: Stage, clock: str) -> None:
    """Has the clock give the edge the keys that verify."""
    answer = stage.client("lambda").invoke(FunctionName=clock, Payload=b'{"task": "rotate"}')
    if "FunctionError" in answer:
        raise NotPublished(f"the edge did not get its keys: {answer['Payload'].read().decode(errors='replace')}")


def unclaimed_owner_code(stage: Stage, table: str, secret: dict) -> str | None:
    """The owner's code while nobody owns the site."""
    item = stage.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "SITE"}, "sk": {"S": "SITE"}}).get("Item", {})
    return None if "owner" in item else secret["owner_code"]
