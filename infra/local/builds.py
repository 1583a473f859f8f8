"""Measures builds: a clean and an incremental release build, and how long `make dev` takes to serve an edit.

It works on a copy of this clone, so no file of the clone is changed.
"""

import functools
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from infra import build, deploy, functions, secret
from infra.local import cloud
from infra.root import ROOT
from infra.stage import Stage
from infra.timing import step

TIMEOUT_SECONDS = 600
PAGES = "127.0.0.1:3100"
EDITS = 5
"""Number of measured edits of each kind; the median is reported."""
APP_EDIT = ("app/src/ui/card.rs", "<h1>{title}</h1>", '<h1 data-edit="mark-{}">{{title}}</h1>')
SERVER_EDIT = ("server/src/handler.rs", '"ok": true }', '"ok": true, "edit": "mark-{}" }}')
"""File, text to replace (compiled into all functions, or shown on each page), replacement."""


class NotServed(Exception):
    """An edit was not served in time."""


class Copy:
    """A copy of this clone's tracked and untracked, not ignored files."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._edits: dict[str, str] = {}
        shutil.rmtree(folder, ignore_errors=True)
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    def edit(self, name: str, original: str, edited: str, mark: str) -> None:
        """Replaces the only occurrence of `original`, or of what the previous edit replaced it with."""
        path = self.folder / name
        before = self._edits.get(name, original)
        self._edits[name] = edited.format(mark)
        text = path.read_text()
        if text.count(before) != 1:
            raise NotServed(f"{name} has {text.count(before)} occurrences of {before!r}: the bench needs exactly one")
        path.write_text(text.replace(before, self._edits[name]))


def timed(commands: list[list[str]], folder: Path, **environment: str) -> float:
    """Runs commands in sequence; returns the seconds they took."""
    began = time.monotonic()
    for command in commands:
        build.run(command, folder=folder, **environment)
    return time.monotonic() - began


def release(copy: Copy) -> dict[str, float]:
    """Release build of a deploy: clean, and again after an edit in `app`. The only cache in use is cargo's downloads."""
    target = copy.folder / "target"
    alone = {"CARGO_BUILD_BUILD_DIR": str(target), "CARGO_TARGET_DIR": str(target), "CCACHE_DISABLE": "1", "LEPTOS_SITE_ROOT": str(target / "site")}
    commands = build.for_aws("x86_64")
    with step("clean release build", usual=720):
        clean = timed(commands, copy.folder, **alone)
    copy.edit(*APP_EDIT, "1")
    with step("release build after an edit in `app`", usual=300):
        edited = timed(commands, copy.folder, **alone)
    shutil.rmtree(target)
    return {"release_seconds": round(clean, 1), "release_after_edit_seconds": round(edited, 1)}


def wait_until(what: str, condition: Callable[[], bool]) -> float:
    """Seconds until `condition` is true."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > TIMEOUT_SECONDS:
            raise NotServed(f"timed out after {TIMEOUT_SECONDS} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


@functools.cache
def edge_headers(stage: Stage) -> dict[str, str]:
    """Cached, so that the request is not part of what is measured."""
    return secret.edge_headers(stage)


def fetched(stage: Stage, path: str) -> bytes:
    """The watch server's response to a request of the distribution; empty while it restarts."""
    request = urllib.request.Request(f"http://{PAGES}{path}", headers=edge_headers(stage))
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.read()
    except OSError:
        return b""


def smoke(stage: Stage, name: str) -> bytes:
    """A function's response to its smoke test."""
    if name == "web":
        return fetched(stage, "/healthz")
    response = stage.client("lambda").invoke(FunctionName=f"shoebox-{stage.name}-{name}", Payload=b'{"smoke": true}')
    return response["Payload"].read()


def served_everywhere(stage: Stage, mark: str) -> bool:
    return all(mark.encode() in smoke(stage, name) for name in functions.ALL)


def served_in_pages(stage: Stage, mark: str) -> bool:
    """Whether both the server-rendered page and the WebAssembly client have the edit."""
    return mark.encode() in fetched(stage, "/sign-in") and mark.encode() in fetched(stage, "/pkg/shoebox.wasm")


def edits(copy: Copy, stage: Stage) -> dict[str, float]:
    """Seconds from saving a file until everything built from it is served, as in `make dev`."""
    watcher = None
    try:
        with step("functions and pages of the copy", usual=150):
            build.run(build.LOCAL_FUNCTIONS, folder=copy.folder)
            cloud.forget(stage)
            cloud.start(stage)
            if deploy.main([stage.name, "--pages", PAGES, "--binaries", str(copy.folder / "target/debug"), "--no-check"]):
                raise NotServed("the deploy failed")
            settings = {"LEPTOS_SITE_ADDR": PAGES, "LEPTOS_RELOAD_PORT": "3101", "SHOEBOX_STAGE": stage.name, "RUST_LOG": "warn"}
            with open(copy.folder / "target/watch.log", "wb") as log:
                watcher = subprocess.Popen(
                    ["cargo", "leptos", "watch"],
                    cwd=copy.folder,
                    env=os.environ | stage.environment | settings,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            wait_until("the pages respond", lambda: bool(fetched(stage, "/healthz")))
        measured = {}
        for name, edit, served in [
            ("edit_server_seconds", SERVER_EDIT, lambda mark: served_everywhere(stage, mark)),
            ("edit_app_seconds", APP_EDIT, lambda mark: served_in_pages(stage, mark)),
        ]:
            with step(name.replace("_", " ").removesuffix(" seconds")) as outcome:
                seconds = []
                for number in range(EDITS + 1):
                    copy.edit(*edit, str(number))
                    seconds.append(wait_until(f"{name}, edit {number}", lambda number=number: served(f"mark-{number}")))
                # The first also compiles what no earlier edit needed.
                measured[name] = round(sorted(seconds[1:])[EDITS // 2], 1)
                outcome.append(f"{measured[name]} s")
        return measured
    finally:
        if watcher:
            os.killpg(watcher.pid, signal.SIGINT)
            watcher.wait()


def measure(stage: Stage, figures: Path) -> None:
    """Runs all measurements and writes `build.json`."""
    build.install_for_aws("x86_64")
    copy = Copy(ROOT / "target/bench/copy")
    measured = {"cores": os.cpu_count()} | edits(copy, stage) | release(copy)
    figures.mkdir(parents=True, exist_ok=True)
    (figures / "build.json").write_text(json.dumps(measured, indent=2) + "\n")
    for name, value in measured.items():
        print(f"  {name:<32}{value}")
    shutil.rmtree(copy.folder)
