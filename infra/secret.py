"""The stage's secret: signing keys, the distribution's keys, the owner code, and the client secrets of identity providers.

    python -m infra.secret STAGE google|facebook|oidc

prompts for the client secret of an identity provider, and stores it.
"""

import getpass
import hashlib
import json
import secrets
import sys
import time

from infra.stage import Stage


class NotPublished(Exception):
    """The CloudFront function has no keys: it would reject every rendition."""


class Missing(Exception):
    """A provider's client secret is not stored yet."""


# The client secrets are stored as `PROVIDER_secret`, where the stack `state` resolves them.
PROVIDERS = ("google", "facebook", "oidc")
# The header with the distribution's key, also in `edge.yaml` and `server/src/web/edge.rs`.
EDGE_HEADER = "x-shoebox-edge"
# Keys for media links and cookies, links in mails, device cookies, and the distribution's requests.
_RINGS = ("media_keys", "link_keys", "device_keys", "edge_keys")
# Without letters and digits that are easily confused.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def read(stage: Stage) -> dict:
    return json.loads(stage.client("secretsmanager").get_secret_value(SecretId=f"shoebox/{stage.name}")["SecretString"])


def write(stage: Stage, values: dict) -> None:
    stage.client("secretsmanager").put_secret_value(SecretId=f"shoebox/{stage.name}", SecretString=json.dumps(values))


def require_clients(stage: Stage, providers: list[str]) -> None:
    """Raises `Missing` unless these providers' client secrets are stored."""
    stored = read(stage)
    missing = [provider for provider in providers if not stored.get(f"{provider}_secret")]
    if missing:
        raise Missing("; ".join(f"store its client secret first: make secret STAGE={stage.name} OF={provider}" for provider in missing))


def _key(number: int) -> dict:
    return {"id": str(number), "key": secrets.token_urlsafe(32), "made_at": int(time.time() * 1000)}


def fill(stage: Stage) -> dict:
    """Adds missing values to the secret; existing ones are kept."""
    stored = read(stage)
    filled = {
        **{ring: [_key(1)] for ring in _RINGS},
        "owner_code": "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)),
        **stored,
    }
    if filled != stored:
        write(stage, filled)
    return filled


def stamp(key: dict) -> str:
    """A hash that identifies a key without revealing it."""
    return hashlib.sha256(key["key"].encode()).hexdigest()[:16]


def rotate_edge_key(stage: Stage, current: str | None) -> None:
    """Adds a new edge key before the `current` one, given by its stamp, which stays valid until the next rotation; removes all others."""
    stored = fill(stage)
    ring = stored["edge_keys"]
    new = _key(max(int(key["id"]) for key in ring) + 1)
    write(stage, stored | {"edge_keys": [new, *(key for key in ring if stamp(key) == current)]})


def edge_headers(stage: Stage) -> dict[str, str]:
    """The headers that a request to `web` needs without the distribution."""
    return {EDGE_HEADER: read(stage)["edge_keys"][0]["key"]}


def publish_media_keys(stage: Stage, function: str) -> None:
    """Has the function `scheduled-jobs` write the verification keys to the CloudFront key-value store."""
    response = stage.client("lambda").invoke(FunctionName=function, Payload=b'{"task": "rotate"}')
    if "FunctionError" in response:
        raise NotPublished(f"the media keys could not be written to CloudFront: {response['Payload'].read().decode(errors='replace')}")


def unclaimed_owner_code(stage: Stage, table: str, secret: dict) -> str | None:
    """The owner code, as long as the site has no owner."""
    item = stage.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "SITE"}, "sk": {"S": "SITE"}}).get("Item", {})
    return None if "owner" in item else secret["owner_code"]


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[1] not in PROVIDERS:
        print(__doc__, file=sys.stderr)
        return 2
    stage = Stage.named(arguments[0])
    value = getpass.getpass(f"Client secret of {arguments[1]} (hidden): ").strip()
    if not value:
        print("No client secret was entered: nothing is changed.", file=sys.stderr)
        return 1
    write(stage, read(stage) | {f"{arguments[1]}_secret": value})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
