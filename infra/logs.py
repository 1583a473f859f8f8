"""Prints a stage's logs, of all functions and the photo workflow in one order.

    python -m infra.logs STAGE [--photo ID] [--minutes N] [--follow]

With a photo, only the lines that name it.
"""

import argparse
import json
import re
import sys
import time
from datetime import UTC, datetime

from infra import functions
from infra.stage import Stage

POLL_SECONDS = 2
LATE_MILLISECONDS = 60_000
"""How much later than others a line may become visible."""
# What each line of a function has, or names what is shown anyway.
_HIDDEN = ("timestamp", "level", "message", "target", "span", "spans")


def groups(stage: Stage) -> dict[str, str]:
    """The log groups, by the name to show."""
    workflow = {f"/aws/vendedlogs/states/shoebox-{stage.name}-processing": "workflow"}
    return {f"/aws/lambda/shoebox-{stage.name}-{function}": function for function in functions.ALL} | workflow


def lines(stage: Stage, photo: str | None, since: int, seen: set[str]) -> list[tuple[int, str, str]]:
    """New lines since a time in milliseconds, as time, function and text, in order. `seen` are the ids of earlier lines, and is extended."""
    client, found = stage.client("logs"), []
    for group, name in groups(stage).items():
        pattern = {"filterPattern": f'"{photo}"'} if photo else {}
        try:
            for page in client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since, **pattern):
                for event in page["events"]:
                    if event["eventId"] not in seen:
                        seen.add(event["eventId"])
                        found.append((event["timestamp"], name, text(event["message"])))
        except client.exceptions.ResourceNotFoundException:
            # The stack is not deployed.
            continue
    return sorted(found)


def text(message: str) -> str:
    """A line as text: level, message and fields of a JSON line; any other line unchanged."""
    try:
        line = json.loads(message)
    except ValueError:
        return message.rstrip()
    if not isinstance(line, dict) or "message" not in line:
        return message.rstrip()
    fields = " ".join(f"{name}={value}" for name, value in line.items() if name not in _HIDDEN)
    return f"{line.get('level', ''):<5} {line['message']}  {fields}".rstrip()


def show(stage: Stage, photo: str | None, since: int, seen: set[str]) -> None:
    for at, name, line in lines(stage, photo, since, seen):
        print(f"{datetime.fromtimestamp(at / 1000, UTC):%H:%M:%S.%f}"[:-3], f"{name:<10}", line, flush=True)


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="infra.logs")
    parser.add_argument("stage")
    parser.add_argument("--photo", metavar="ID", help="only lines that name this photo, whose id is in its address")
    parser.add_argument("--minutes", type=int, default=60, metavar="N", help="how far back; an hour unless given")
    parser.add_argument("--follow", action="store_true", help="continue until Ctrl-C")
    options = parser.parse_args(arguments)
    if options.photo and not re.fullmatch(r"[0-9a-zA-Z-]{1,64}", options.photo):
        parser.error("--photo takes the id of a photo, as in its address")
    return options


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    stage, seen = Stage.named(options.stage), set()
    show(stage, options.photo, int((time.time() - options.minutes * 60) * 1000), seen)
    while options.follow:
        time.sleep(POLL_SECONDS)
        show(stage, options.photo, int(time.time() * 1000) - LATE_MILLISECONDS, seen)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
