"""The imports between the files of a Rust crate, as far as its text tells: calls of methods are not seen, and macros are not expanded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""
    //[^\n]* | /\*.*?\*/ |                                                     # comments
    (?P<literal> [bc]?r(?P<hashes>\#*)".*?"(?P=hashes) | [bc]?"(?:\\.|[^"\\])*" | b?'(?:\\[^']+|\\'|[^\\'])' ) |
    '\w+ |                                                                     # lifetimes
    (?P<kept> (?:r\#)?[A-Za-z_]\w* | :: | [^\s] )
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"{": "}", "(": ")", "[": "]"}

Module = tuple[str, ...]
"""A module's path from the crate's root, which is empty."""


@dataclass
class _Source:
    """What a module's text says."""

    file: str
    children: set[str] = field(default_factory=set)
    # The names that are imported, and the path of each.
    names: dict[str, Module] = field(default_factory=dict)
    # Paths of imports, and whether they are re-exports.
    imports: list[tuple[Module, bool]] = field(default_factory=list)
    # Paths in code.
    paths: list[Module] = field(default_factory=list)


def _tokens(text: str) -> list[str]:
    found = (match for match in _TOKEN.finditer(text) if match["literal"] or match["kept"])
    return [match["kept"] or '"' for match in found]


def _group_end(tokens: list[str], at: int) -> int:
    """The index after the bracket that closes the one at this index."""
    depth = 0
    while at < len(tokens):
        depth += (tokens[at] in _CLOSING) - (tokens[at] in _CLOSING.values())
        at += 1
        if depth == 0:
            break
    return at


def _item_end(tokens: list[str], at: int) -> int:
    """The index after the item that begins here, with its attributes."""
    is_use = False
    while at < len(tokens):
        token = tokens[at]
        is_use |= token == "use"
        if token in _CLOSING:
            at = _group_end(tokens, at)
            if token == "{" and not is_use:
                break
        else:
            at += 1
            if token == ";":
                break
    return at


def _use_tree(tokens: list[str], prefix: Module = ()) -> Iterator[tuple[str, Module]]:
    """Each name of a `use` and its path."""
    at, path = 0, prefix
    while at < len(tokens):
        token = tokens[at]
        if token == "{":
            end = _group_end(tokens, at)
            begin = at + 1
            while begin < end:
                stop = begin
                while tokens[stop] != "," and stop < end - 1:
                    stop = _group_end(tokens, stop) if tokens[stop] == "{" else stop + 1
                yield from _use_tree(tokens[begin:stop], path)
                begin = stop + 1
            return
        if token == "as":
            yield tokens[at + 1], path
            return
        if token != "::" and not (token == "self" and path):
            path += (token,)
        at += 1
    if path != prefix or tokens == ["self"]:
        yield path[-1], path


class Crate:
    """A crate's modules, from the texts of its files by their names relative to its folder."""

    def __init__(self, files: dict[str, str]):
        self._files = files
        self._modules: dict[Module, _Source] = {}
        self._read((), "lib.rs", _tokens(files["lib.rs"]))

    def _read(self, module: Module, file: str, tokens: list[str]) -> None:
        source = self._modules[module] = _Source(file)
        at, is_public = 0, False
        while at < len(tokens):
            token, following = tokens[at], tokens[at + 1 : at + 3]
            if token == "#" and following[:1] == ["["]:
                end = _group_end(tokens, at + 1)
                attribute = tokens[at:end]
                at = _item_end(tokens, end) if attribute[2] == "cfg" and "test" in attribute and "not" not in attribute else end
            elif token == "pub":
                is_public = True
                at = _group_end(tokens, at + 1) if following[:1] == ["("] else at + 1
                continue
            elif token == "use" and following[:1] != ["<"]:
                end = tokens.index(";", at)
                for name, path in _use_tree(tokens[at + 1 : end]):
                    source.imports.append((path, is_public))
                    source.names[name] = path
                at = end + 1
            elif token == "mod" and following[1:] in ([";"], ["{"]):
                child = module + (following[0],)
                source.children.add(following[0])
                at += 3
                if following[1] == "{":
                    end = _group_end(tokens, at - 1)
                    self._read(child, file, tokens[at : end - 1])
                    at = end
                else:
                    base = "/".join(child)
                    name = next(name for name in (f"{base}.rs", f"{base}/mod.rs") if name in self._files)
                    self._read(child, name, _tokens(self._files[name]))
            elif following[:1] == ["::"] and re.match(r"\w", token):
                path = [token]
                while tokens[at + 1] == "::" and re.match(r"[A-Za-z_]", tokens[at + 2]):
                    at += 2
                    path.append(tokens[at])
                # One alone is followed by generic arguments, as in `Vec::<u8>`.
                if len(path) > 1:
                    source.paths.append(tuple(path))
                at += 1 if tokens[at + 1] != "::" else 2
            else:
                at += 1
            is_public = False

    def _resolve(self, module: Module, path: Module, seen: frozenset = frozenset()) -> tuple[Module, bool] | None:
        """The module that a path leads to or whose file defines its item, and whether it is the module itself. None outside of the crate."""
        if (module, path) in seen:
            return None
        seen |= {(module, path)}
        first, *rest = path
        source = self._modules[module]
        if first == "crate":
            at: Module = ()
        elif first == "self":
            at = module
        elif first == "super":
            at = module[:-1]
        elif first in source.children:
            at = module + (first,)
        elif first in source.names and source.names[first] != path:
            found = self._resolve(module, source.names[first], seen)
            if found is None or not found[1]:
                return found
            at = found[0]
        else:
            return None
        for name in rest:
            source = self._modules[at]
            if name == "super":
                at = at[:-1]
            elif name in source.children:
                at += (name,)
            elif name in source.names:
                found = self._resolve(at, source.names[name], seen)
                if found is None or not found[1]:
                    # Without a path inside the crate, the item is that of the module that re-exports it.
                    return found or (at, False)
                at = found[0]
            else:
                return at, False
        return at, True

    def arrows(self) -> dict[str, set[str]]:
        """Of each file, the files whose items it names. A module's re-exports of what is below it do not count."""
        arrows: dict[str, set[str]] = {source.file: set() for source in self._modules.values()}
        for module, source in self._modules.items():
            paths = [(path, False) for path in source.paths] + source.imports
            for path, is_public in paths:
                found = self._resolve(module, path)
                if found is None:
                    continue
                target = self._modules[found[0]].file
                is_below = len(found[0]) > len(module) and found[0][: len(module)] == module
                if target != source.file and not (is_public and is_below):
                    arrows[source.file].add(target)
        return arrows


def cycles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected components with more than one file, sorted."""
    reached = {file: _reached(arrows, file) for file in arrows}
    found = {frozenset(other for other in reached[file] if file in reached[other]) for file in arrows}
    return sorted(sorted(files) for files in found if len(files) > 1)


def _reached(arrows: dict[str, set[str]], start: str) -> set[str]:
    """All files that a file reaches by arrows."""
    reached: set[str] = set()
    open_files = [start]
    while open_files:
        new = arrows[open_files.pop()] - reached
        reached |= new
        open_files.extend(new)
    return reached
