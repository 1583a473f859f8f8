"""Which style file owns which class: a rule that begins with a class in one file must not restyle another component that has the same."""

import re
from collections import defaultdict
from pathlib import Path

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"([^{};]+)\{")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_FIRST_CLASS = re.compile(r"\s*\w*\.([\w-]+)")


def classes_begun(style: str) -> set[str]:
    """Classes that a selector of this text begins with: `.bar` of `.bar .name`, and nothing of `main > .bar`."""
    found = set()
    for selector in _SELECTOR.findall(_COMMENT.sub("", style)):
        if selector.lstrip().startswith("@"):
            continue
        while (without := _IN_BRACKETS.sub("", selector)) != selector:
            selector = without
        found |= {first.group(1) for part in selector.split(",") if (first := _FIRST_CLASS.match(part))}
    return found


def defined_twice(styles: dict[str, str]) -> list[str]:
    """Classes that several files define, by the files' names and texts."""
    owners = defaultdict(list)
    for name, style in sorted(styles.items()):
        for begun in sorted(classes_begun(style)):
            owners[begun].append(name)
    return [f".{begun} is defined in {' and '.join(names)}" for begun, names in sorted(owners.items()) if len(names) > 1]


def read(folder: Path) -> dict[str, str]:
    """The style files of a folder."""
    return {path.name: path.read_text() for path in folder.glob("*.css")}
