"""Records what AWS bills for the roles' calls: a line for each call, with the names in `prices.json` and the amounts."""

import json
from collections import Counter
from pathlib import Path

BILLED = {
    "s3:PutObject": "store_writes",
    "s3:ListBucket": "store_writes",
    "s3:ListBucketVersions": "store_writes",
    "s3:ListMultipartUploadParts": "store_writes",
    "s3:GetObject": "store_reads",
    "s3:GetObjectVersion": "store_reads",
    "events:PutEvents": "bus_events",
    "sns:Publish": "topic_messages",
    "sqs:SendMessage": "queue_requests",
    "secretsmanager:GetSecretValue": "secret_calls",
    "secretsmanager:PutSecretValue": "secret_calls",
    "ses:SendEmail": "mails",
    "execute-api:ManageConnections": "socket_messages",
}
"""Actions billed per request. Calls of other services are free, or billed by other measures."""
WRITES = {"Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem", "Delete": "dynamodb:DeleteItem"}
INDEXES = ("timeline_pk", "due_pk")
KB = 1024


def _row_units(row: dict) -> int:
    """Write units for putting a row, in the table and each index that has it."""
    size = sum(len(name) + len(str(value)) for name, typed in row.items() for value in typed.values())
    return -(-max(size, 1) // KB) * (1 + sum(name in row for name in INDEXES))


def _write(item: dict) -> int:
    # An update or delete does not contain the row, which is assumed to be within 1 KB.
    return _row_units(item["Item"]) if "Item" in item else 1


def amounts(action: str, body: bytes) -> dict[str, float]:
    """The billed amounts of a call, by the names in `prices.json`."""
    if action in BILLED:
        entries = len(json.loads(body)["Entries"]) if action == "events:PutEvents" else 1
        return {BILLED[action]: entries}
    if not action.startswith("dynamodb:"):
        return {}
    request = json.loads(body)
    if "TransactItems" in request:
        items = [item for each in request["TransactItems"] for kind, item in each.items() if WRITES.get(kind, "dynamodb:ConditionCheckItem") == action]
        return {"table_writes": sum(2 * _write(item) for item in items)}
    if action in WRITES.values():
        return {"table_writes": _write(request)}
    if action == "dynamodb:BatchWriteItem":
        return {"table_writes": sum(_write(write) for batch in request["RequestItems"].values() for each in batch for write in each.values())}
    if action == "dynamodb:BatchGetItem":
        return {"table_reads": sum(len(batch["Keys"]) for batch in request["RequestItems"].values())}
    return {"table_reads": 1} if action in ("dynamodb:GetItem", "dynamodb:Query") else {}


class Tally:
    """The file of billed calls, in order."""

    def __init__(self, path: Path):
        self._file = path.open("a", buffering=1)

    def record(self, action: str, body: bytes) -> None:
        """Appends the call if it is billed."""
        billed = amounts(action, body)
        if billed:
            self._file.write(json.dumps(billed) + "\n")


def read(path: Path, offset: int = 0) -> tuple[Counter, int]:
    """The total of the lines from the byte `offset` on, and the end's offset."""
    total: Counter = Counter()
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            total.update(json.loads(line))
            offset += len(line)
    return total, offset
