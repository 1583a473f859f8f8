"""What is kept for one user of this machine, whichever clone asks: tools by version, compiled crates, how long steps take."""

import json
import os
from pathlib import Path


def folder() -> Path:
    """`shoebox` under XDG_CACHE_HOME. Everything in it can be deleted at any time: it is made again."""
    base = os.environ.get("XDG_CACHE_HOME")
    # The specification says to ignore a relative path.
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "shoebox"


class Durations:
    """How long each step took when it last succeeded, in seconds."""

    def __init__(self, path: Path | None = None):
        self._path = path or folder() / "durations.json"

    def read(self) -> dict[str, float]:
        """All of them; none where the file is missing or damaged."""
        try:
            known = json.loads(self._path.read_text())
            return {str(name): float(seconds) for name, seconds in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def write(self, name: str, seconds: float) -> None:
        """Keeps one. Where the folder cannot be written nothing is kept."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(self.read() | {name: round(seconds, 1)}, indent=1))
            fresh.replace(self._path)
        except OSError:
            pass
