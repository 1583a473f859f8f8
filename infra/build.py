"""Builds what a deploy uploads: the site and the functions.

All are built with the same features, so that the AWS SDK is compiled once. It needs only the system's Python.
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
# The command that cargo-leptos runs in debug mode.
CLIENT = ["cargo", "build", "-p", "frontend", "--lib", "--target-dir", str(ROOT / "target/front"), "--target", "wasm32-unknown-unknown", "--profile", "wasm-dev"]
# Locally one program has all functions, which links once. For AWS each is a program of its own, which is smaller and starts faster.
LOCAL_FUNCTIONS = ["cargo", "build", "-p", "server", "--bin", "functions"]
# Shares all that it needs with the local functions.
ADMIN = ["cargo", "build", "-p", "server", "--bin", "admin"]
# Hashes in the names of the site's files, for AWS only. cargo-leptos writes the list where no program looks for it: the deploy makes one from
# the names.
HASHED = {"LEPTOS_HASH_FILES": "true", "LEPTOS_HASH_FILE_NAME": "site/hash.txt"}
# With Amazon Linux 2023's glibc version, which the linker must not exceed.
TARGETS = {"x86_64": "x86_64-unknown-linux-gnu.2.34", "arm64": "aarch64-unknown-linux-gnu.2.34"}

_PROGRESS = re.compile(r"Building \[[^]]*\] (\d+)/(\d+)(?:: ([^,(]+))?")
_KEPT_LINES = 120


class Failed(Exception):
    """A build command failed."""


def run(command: list[str], running: Running | None = None, folder: Path = ROOT, **environment: str) -> None:
    """Runs a command without printing its output. `running` shows how many crates cargo has built.

    # Errors
    `Failed` with the end of the output.
    """
    options = {"CARGO_TERM_PROGRESS_WHEN": "always", "CARGO_TERM_PROGRESS_WIDTH": "100"} if running else {}
    kept: deque[str] = deque(maxlen=_KEPT_LINES)
    # text=True splits at carriage returns, too, which end each update of cargo's progress bar.
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | options | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        try:
            for line in process.stdout:
                progress = _PROGRESS.search(line)
                if progress and running:
                    done, of, crate = progress.groups()
                    running.progress = f"{done} of {of} crates{f' ({crate.strip()})' if crate else ''}"
                elif line.strip() and not progress:
                    kept.append(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise Failed(f"{' '.join(command)}\n{''.join(kept)}")


def local_functions() -> None:
    """Builds all functions in debug mode."""
    if (ROOT / "target/debug/functions").exists():
        name, usual = "build the functions", None
    elif any(cache.folder().glob("builds/*/*/debug")):
        name, usual = "first build of the functions in this clone", 150
    else:
        name, usual = "build the functions and their dependencies", 500
    with step(name, usual) as running:
        run(LOCAL_FUNCTIONS, running)


def admin() -> None:
    """Builds the operator's program, for debugging."""
    built = (ROOT / "target/debug/functions").exists() or (ROOT / "target/debug/admin").exists()
    with step("build the operator's program", None if built else 500) as running:
        run(ADMIN, running)


def client_crates() -> None:
    """Compiles the client as cargo-leptos does, but needs no cargo-leptos: on a clean machine both are built at the same time."""
    if not (ROOT / "target/site/pkg").exists():
        with step("compile the client and its dependencies", usual=240) as running:
            run(CLIENT, running)


def local_site() -> None:
    """Builds the client, styles and assets, and the functions if needed."""
    first = not (ROOT / "target/site/pkg").exists()
    with step("first build of the site" if first else "build the site", usual=120 if first else None) as running:
        run(SITE, running)


def for_stage(stage: Stage, architecture: str) -> None:
    """Builds everything for a stage: in debug mode for local stages, in release mode for AWS."""
    if stage.is_local:
        local_functions()
        local_site()
        return
    install_for_aws(architecture)
    with step("build the site and the functions for release", usual=720) as running:
        for command in for_aws(architecture):
            run(command, running, **HASHED)


def install_for_aws(architecture: str) -> None:
    """Installs a linker that supports an older glibc, and the standard library of the functions' architecture."""
    with step("tools for AWS"):
        for command in tools_for_aws(architecture):
            run(command)


def tools_for_aws(architecture: str) -> list[list[str]]:
    """The commands of [`install_for_aws`]."""
    linker = ["pip", "install", "-q", "--disable-pip-version-check", "-r", "infra/requirements.txt"]
    target = TARGETS[architecture].partition(".")[0]
    return [linker] if has_std(target) else [linker, ["rustup", "target", "add", target]]


def has_std(target: str) -> bool:
    """Whether a target's standard library is installed."""
    found = subprocess.run(["rustc", "--print", "target-libdir", "--target", target], cwd=ROOT, capture_output=True, text=True)
    return found.returncode == 0 and any(Path(found.stdout.strip()).glob("libstd-*.rlib"))


def for_aws(architecture: str) -> list[list[str]]:
    """The commands that build everything for AWS."""
    return [[*SITE, "--release", "--frontend-only"], functions_for_aws(architecture)]


def functions_for_aws(architecture: str) -> list[str]:
    """The command that builds the functions for AWS."""
    return ["cargo", "zigbuild", *release_arguments(), "--target", TARGETS[architecture]]


def release_arguments() -> list[str]:
    """cargo's arguments to build each function as a program of its own."""
    return ["-p", "server", "--features", "separate", *(part for name in functions.ALL for part in ("--bin", name)), "--release"]
