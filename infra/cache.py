"""A user's cache, shared by all clones: tools by version, compiled crates, and durations of steps."""

import json
import os
from pathlib import Path


def folder() -> Path:
    """`shoebox` in XDG_CACHE_HOME. Everything in it can be deleted at any time."""
    base = os.environ.get("XDG_CACHE_HOME")
    # The XDG specification requires ignoring relative paths.
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "shoebox"


class Durations:
    """The seconds that each step took when it last succeeded."""

    def __init__(self, path: Path | None = None):
        self._path = path or folder() / "durations.json"

    def read(self) -> dict[str, float]:
        """All durations; none if the file is missing or damaged."""
        try:
            known = json.loads(self._path.read_text())
            return {str(name): float(seconds) for name, seconds in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def write(self, name: str, seconds: float) -> None:
        """Stores a duration; does nothing if the folder is not writable."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_suffix(f".{os.getpid()}")
            temporary.write_text(json.dumps(self.read() | {name: round(seconds, 1)}, indent=1))
            temporary.replace(self._path)
        except OSError:
            pass
