"""The root folder of this clone."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
