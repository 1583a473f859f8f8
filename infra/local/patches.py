"""How MiniStack is changed: by its functions' sources, which are looked at first."""

import inspect
from types import ModuleType


def expect(place: str, source: str, fragment: str) -> None:
    """Stops the local cloud where a MiniStack of another version no longer has what is changed."""
    if fragment not in source:
        raise SystemExit(f"MiniStack has changed: {place} no longer has {fragment!r}; see infra/local/emulator.py")


def rewrite(module: ModuleType, name: str, *changes: tuple[str, str]) -> None:
    """Has a function of MiniStack's do something else in some places, each given as it is and as it shall be."""
    source = inspect.getsource(getattr(module, name))
    for old, new in changes:
        expect(name, source, old)
        source = source.replace(old, new)
    exec(compile(source, module.__file__, "exec"), vars(module))
