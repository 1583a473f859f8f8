"""What roles read from the table: each request a line in a file, in the order in which they came."""

import json
from pathlib import Path

READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
"""What is written down. Nothing may read in any other way."""


def _place(key: dict[str, dict[str, str]]) -> str:
    return f"{key['pk']['S']} {key['sk']['S']}"


def places(request: dict) -> list[str]:
    """What a read asks for: rows by their keys, or a range with its direction."""
    if "Key" in request:
        return [_place(request["Key"])]
    if "RequestItems" in request:
        return [_place(key) for batch in request["RequestItems"].values() for key in batch["Keys"]]
    condition = request["KeyConditionExpression"]
    for name, value in request["ExpressionAttributeValues"].items():
        condition = condition.replace(name, value["S"])
    index = [request["IndexName"]] if "IndexName" in request else []
    return [" ".join([*index, condition, "up" if request.get("ScanIndexForward", True) else "down"])]


class ReadLog:
    """The lines. Unlike calls, a read that is asked twice stands there twice."""

    def __init__(self, path: Path):
        self._file = path.open("a", buffering=1)

    def note(self, role: str, action: str, body: bytes) -> None:
        """Writes down one of `READS`."""
        self._file.write(json.dumps({"role": role, "action": action.partition(":")[2], "places": places(json.loads(body))}) + "\n")
