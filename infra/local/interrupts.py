"""Signals that end a command: `kill` ends it as Ctrl-C does, so that what it started ends with it."""

import signal


def handle() -> None:
    """Raises `KeyboardInterrupt` for SIGINT and SIGTERM, also in a shell's background, which ignores SIGINT."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
