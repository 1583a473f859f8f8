"""Records which rows roles read from the table: a line for each request, in order."""

import json
from pathlib import Path

READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
"""The recorded actions. No role may read in any other way."""


def _key(key: dict[str, dict[str, str]]) -> str:
    return f"{key['pk']['S']} {key['sk']['S']}"


def places(request: dict) -> list[str]:
    """What a request reads: rows by key, or a key condition with its direction."""
    if "Key" in request:
        return [_key(request["Key"])]
    if "RequestItems" in request:
        return [_key(key) for batch in request["RequestItems"].values() for key in batch["Keys"]]
    condition = request["KeyConditionExpression"]
    for name, value in request["ExpressionAttributeValues"].items():
        condition = condition.replace(name, value["S"])
    index = [request["IndexName"]] if "IndexName" in request else []
    return [" ".join([*index, condition, "up" if request.get("ScanIndexForward", True) else "down"])]


class ReadLog:
    """The file of reads. Unlike calls, repeated reads are repeated in it."""

    def __init__(self, path: Path):
        self._file = path.open("a", buffering=1)

    def record(self, role: str, action: str, body: bytes) -> None:
        """Appends one of `READS`."""
        self._file.write(json.dumps({"role": role, "action": action.partition(":")[2], "places": places(json.loads(body))}) + "\n")
