"""Helpers to patch MiniStack's functions, which first check their source code."""

import inspect
from types import ModuleType


def expect(place: str, source: str, fragment: str) -> None:
    """Exits if MiniStack's code, in another version, no longer has the patched fragment."""
    if fragment not in source:
        raise SystemExit(f"MiniStack has changed: {place} no longer has {fragment!r}; see infra/local/emulator.py")


def rewrite(module: ModuleType, name: str, *changes: tuple[str, str]) -> None:
    """Replaces fragments (old, new) in the source of a MiniStack function."""
    source = inspect.getsource(getattr(module, name))
    for old, new in changes:
        expect(name, source, old)
        source = source.replace(old, new)
    exec(compile(source, module.__file__, "exec"), vars(module))
