"""Builds what a deploy sends: the site, `web`, and the other functions.

All are built with the same features: with others, each would have the SDK compiled once more. It runs with the system's Python alone.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from infra import cache, functions
from infra.root import ROOT
from infra.timing import Running, step

if TYPE_CHECKING:
    from infra.stage import Stage

SITE = ["cargo", "leptos", "build"]
# At home one program has all functions, linked once. AWS gets each by itself: smaller, so that it starts sooner.
AT_HOME = ["cargo", "build", "-p", "server", "--bin", "functions"]
# The operator's program runs on this machine. It shares all that it needs with the functions at home.
ADMIN = ["cargo", "build", "-p", "server", "--bin", "admin"]
# Amazon Linux 2023's glibc; the linker must not take a newer one.
TARGETS = {"x86_64": "x86_64-unknown-linux-gnu.2.34", "arm64": "aarch64-unknown-linux-gnu.2.34"}

_PROGRESS = re.compile(r"Building \[[^]]*\] (\d+)/(\d+)(?:: ([^,(]+))?")
_KEPT_LINES = 120


class Failed(Exception):
    """A command of the build did not succeed."""


def run(command: list[str], running: Running | None = None, folder: Path = ROOT, **environment: str) -> None:
    """Runs a command, its output kept unless it fails. `running` is told how many crates cargo has built.

    # Errors
    `Failed`, with the end of the output.
    """
    progress = {"CARGO_TERM_PROGRESS_WHEN": "always", "CARGO_TERM_PROGRESS_WIDTH": "100"} if running else {}
    kept: deque[str] = deque(maxlen=_KEPT_LINES)
    # Universal newlines: cargo ends each state of its bar by a carriage return.
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | progress | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        try:
            for line in process.stdout:
                seen = _PROGRESS.search(line)
                if seen and running:
                    done, of, crate = seen.groups()
                    running.progress = f"{done} of {of} crates{f' ({crate.strip()})' if crate else ''}"
                elif line.strip() and not seen:
                    kept.append(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise Failed(f"{' '.join(command)}\n{''.join(kept)}")


def functions_at_home() -> None:
    """All functions, for debugging."""
    if (ROOT / "target/debug/functions").exists():
        name, usual = "build the functions", None
    elif any(cache.folder().glob("builds/*/*/debug")):
        name, usual = "first build of the functions in this clone", 150
    else:
        name, usual = "build the functions and all that they need", 500
    with step(name, usual) as running:
        run(AT_HOME, running)


def admin() -> None:
    """The operator's program, for debugging."""
    built = (ROOT / "target/debug/functions").exists() or (ROOT / "target/debug/admin").exists()
    with step("build the operator's program", None if built else 500) as running:
        run(ADMIN, running)


def site_at_home() -> None:
    """The client, styles and assets; and the functions, where they are not there already."""
    first = not (ROOT / "target/site/pkg").exists()
    with step("first build of the site" if first else "build the site", usual=120 if first else None) as running:
        run(SITE, running)


def for_stage(stage: Stage, architecture: str) -> None:
    """Everything the stage needs, in the profile and for the machine it runs on."""
    if stage.at_home:
        functions_at_home()
        site_at_home()
        return
    install_for_aws(architecture)
    with step("build the site and the functions for release", usual=720) as running:
        for command in for_aws(architecture):
            run(command, running)


def install_for_aws(architecture: str) -> None:
    """The linker that keeps to an older glibc, and the standard library of what the functions run on."""
    with step("tools for AWS"):
        for command in tools_for_aws(architecture):
            run(command)


def tools_for_aws(architecture: str) -> list[list[str]]:
    """The commands that install them."""
    linker = ["pip", "install", "-q", "--disable-pip-version-check", "-r", "infra/requirements.txt"]
    target = TARGETS[architecture].partition(".")[0]
    return [linker] if has_std(target) else [linker, ["rustup", "target", "add", target]]


def has_std(target: str) -> bool:
    """Whether the compiler has the standard library of a target."""
    found = subprocess.run(["rustc", "--print", "target-libdir", "--target", target], cwd=ROOT, capture_output=True, text=True)
    return found.returncode == 0 and any(Path(found.stdout.strip()).glob("libstd-*.rlib"))


def for_aws(architecture: str) -> list[list[str]]:
    """The commands that build what is sent to AWS."""
    return [[*SITE, "--release", "--frontend-only"], functions_for_aws(architecture)]


def functions_for_aws(architecture: str) -> list[str]:
    """The command that builds the functions among it."""
    return ["cargo", "zigbuild", *release_arguments(), "--target", TARGETS[architecture]]


def release_arguments() -> list[str]:
    """What cargo is told to build each function by itself, as AWS gets them."""
    return ["-p", "server", "--features", "separate", *(part for name in functions.ALL for part in ("--bin", name)), "--release"]
