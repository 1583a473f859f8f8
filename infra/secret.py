"""The one secret: keys that sign links, those of the edge, the code that makes the first account the owner's, and what other providers
gave us.

    python -m infra.secret STAGE google|facebook|oidc

asks for the secret that a provider gave, and keeps it there.
"""

import getpass
import hashlib
import json
import secrets
import sys
import time

from infra.stage import Stage


class NotPublished(Exception):
    """The edge has no keys: it would refuse every rendition."""


class Missing(Exception):
    """A provider's secret is not there yet."""


# Where each provider's secret stands, with `_secret` behind it: `state` resolves it there.
PROVIDERS = ("google", "facebook", "oidc")
# The header that the distribution sends its key in; `edge.yaml` and `server/src/web/edge.rs` name it, too.
EDGE_HEADER = "x-shoebox-edge"
# What signs media links and cookies, links in mails, device cookies, and what the distribution sends.
_RINGS = ("media_keys", "link_keys", "device_keys", "edge_keys")
# Without letters and digits that people take for one another.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def read(stage: Stage) -> dict:
    return json.loads(stage.client("secretsmanager").get_secret_value(SecretId=f"shoebox/{stage.name}")["SecretString"])


def write(stage: Stage, values: dict) -> None:
    stage.client("secretsmanager").put_secret_value(SecretId=f"shoebox/{stage.name}", SecretString=json.dumps(values))


def want_clients(stage: Stage, providers: list[str]) -> None:
    """Raises unless these providers' secrets are there."""
    there = read(stage)
    missing = [provider for provider in providers if not there.get(f"{provider}_secret")]
    if missing:
        raise Missing("; ".join(f"give its secret first: make secret STAGE={stage.name} OF={provider}" for provider in missing))


def _key(number: int) -> dict:
    return {"id": str(number), "key": secrets.token_urlsafe(32), "made_at": int(time.time() * 1000)}


def fill(stage: Stage) -> dict:
    """Adds what is missing, once; what is there stays."""
    there = read(stage)
    filled = {
        **{ring: [_key(1)] for ring in _RINGS},
        "owner_code": "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)),
        **there,
    }
    if filled != there:
        write(stage, filled)
    return filled


def stamp(key: dict) -> str:
    """What tells a key from others where it must not be seen."""
    return hashlib.sha256(key["key"].encode()).hexdigest()[:16]


def renew_edge_key(stage: Stage, sent: str | None) -> None:
    """Puts a new key of the edge before the one that it sends, by its stamp: that is good until the next one. Others end."""
    there = fill(stage)
    ring = there["edge_keys"]
    new = _key(max(int(key["id"]) for key in ring) + 1)
    write(stage, there | {"edge_keys": [new, *(key for key in ring if stamp(key) == sent)]})


def edge_headers(stage: Stage) -> dict[str, str]:
    """What a request to `web` needs that does not go through the distribution."""
    return {EDGE_HEADER: read(stage)["edge_keys"][0]["key"]}


def publish_media_keys(stage: Stage, clock: str) -> None:
    """Has the clock give the edge the keys that verify."""
    answer = stage.client("lambda").invoke(FunctionName=clock, Payload=b'{"task": "rotate"}')
    if "FunctionError" in answer:
        raise NotPublished(f"the edge did not get its keys: {answer['Payload'].read().decode(errors='replace')}")


def unclaimed_owner_code(stage: Stage, table: str, secret: dict) -> str | None:
    """The owner's code while nobody owns the site."""
    item = stage.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "SITE"}, "sk": {"S": "SITE"}}).get("Item", {})
    return None if "owner" in item else secret["owner_code"]


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[1] not in PROVIDERS:
        print(__doc__, file=sys.stderr)
        return 2
    stage = Stage.named(arguments[0])
    given = getpass.getpass(f"The secret that {arguments[1]} gave (it is not shown): ").strip()
    if not given:
        print("Nothing was given, nothing is changed.", file=sys.stderr)
        return 1
    write(stage, read(stage) | {f"{arguments[1]}_secret": given})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
