"""Checks that each CSS class is defined in one style file, so that components do not restyle each other by a shared name."""

import re
from collections import defaultdict
from pathlib import Path

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"([^{};]+)\{")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_FIRST_CLASS = re.compile(r"\s*\w*\.([\w-]+)")


def leading_classes(style: str) -> set[str]:
    """The classes that selectors begin with: `.bar` in `.bar .name`, nothing in `main > .bar`."""
    found = set()
    for selector in _SELECTOR.findall(_COMMENT.sub("", style)):
        if selector.lstrip().startswith("@"):
            continue
        while (without := _IN_BRACKETS.sub("", selector)) != selector:
            selector = without
        found |= {first.group(1) for part in selector.split(",") if (first := _FIRST_CLASS.match(part))}
    return found


def defined_twice(styles: dict[str, str]) -> list[str]:
    """The classes that several files define; `styles` has their texts by file name."""
    owners = defaultdict(list)
    for name, style in sorted(styles.items()):
        for leading in sorted(leading_classes(style)):
            owners[leading].append(name)
    return [f".{leading} is defined in {' and '.join(names)}" for leading, names in sorted(owners.items()) if len(names) > 1]


def read(folder: Path) -> dict[str, str]:
    """The style files of a folder."""
    return {path.name: path.read_text() for path in folder.glob("*.css")}
