"""The one secret: media keys, and the code that makes the first account the owner's."""

import json
import secrets

from infra.stage import EDGE_REGION, Stage

# Without letters and digits that people take for one another.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def fill(stage: Stage) -> dict:
    """Adds what is missing, once; what is there stays."""
    manager = stage.client("secretsmanager")
    name = f"shoebox/{stage.name}"
    there = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    filled = {
        "media_keys": [{"id": "1", "key": secrets.token_urlsafe(32)}],
        "owner_code": "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)),
        **there,
    }
    if filled != there:
        manager.put_secret_value(SecretId=name, SecretString=json.dumps(filled))
    return filled


def give_media_keys(stage: Stage, keys: list[dict], store: str | None) -> None:
    """Gives the media function its keys: in its store in AWS, in the local cloud's file at home."""
    value = json.dumps(keys)
    if stage.at_home:
        # One step: the function may read at any moment.
        fresh = stage.folder / "media-keys.new"
        fresh.write_text(value)
        fresh.replace(stage.folder / "media-keys.json")
        return
    client = stage.client("cloudfront-keyvaluestore", EDGE_REGION)
    try:
        if client.get_key(KvsARN=store, Key="media-keys")["Value"] == value:
            return
    except client.exceptions.ResourceNotFoundException:
        pass
    tag = client.describe_key_value_store(KvsARN=store)["ETag"]
    client.put_key(KvsARN=store, Key="media-keys", Value=value, IfMatch=tag)


def unclaimed_owner_code(stage: Stage, table: str, secret: dict) -> str | None:
    """The owner's code while nobody owns the site."""
    item = stage.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "SITE"}, "sk": {"S": "SITE"}}).get("Item", {})
    return None if "owner" in item else secret["owner_code"]
