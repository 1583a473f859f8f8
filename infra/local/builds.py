"""How long builds take: a release from nothing and after an edit, and what `make dev` takes to serve an edit.

It works on a copy of this clone, so that no file of it is touched.
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

PATIENCE_SECONDS = 600
PAGES = "127.0.0.1:3100"
EDITS = 5
"""Of each kind; the median counts."""
APP_EDIT = ("app/src/ui/frame.rs", "<h1>{title}</h1>", '<h1 data-edit="mark-{}">{{title}}</h1>')
SERVER_EDIT = ("server/src/door.rs", '"ok": true }', '"ok": true, "edit": "mark-{}" }}')
"""A file, a place in it that all functions contain or each page shows, and what becomes of it."""


class NotServed(Exception):
    """An edit that did not show."""


class Copy:
    """The files of this clone that git knows or would, in a folder of their own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._edits: dict[str, str] = {}
        shutil.rmtree(folder, ignore_errors=True)
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    def edit(self, name: str, place: str, edited: str, mark: str) -> None:
        """Replaces the one place of a file where `place` stands, or what an edit before made of it."""
        path = self.folder / name
        before = self._edits.get(name, place)
        self._edits[name] = edited.format(mark)
        text = path.read_text()
        if text.count(before) != 1:
            raise NotServed(f"{name} has {text.count(before)} places like {before!r}: the bench edits one")
        path.write_text(text.replace(before, self._edits[name]))


def timed(command: list[list[str]], folder: Path, **environment: str) -> float:
    """Seconds of some commands, one after the other."""
    began = time.monotonic()
    for one in command:
        build.run(one, folder=folder, **environment)
    return time.monotonic() - began


def release(copy: Copy) -> dict[str, float]:
    """What a deploy builds, from nothing, and again after an edit in `app`. No cache but cargo's downloads helps."""
    target = copy.folder / "target"
    alone = {"CARGO_BUILD_BUILD_DIR": str(target), "CARGO_TARGET_DIR": str(target), "CCACHE_DISABLE": "1", "LEPTOS_SITE_ROOT": str(target / "site")}
    commands = build.for_aws("x86_64")
    with step("release build from nothing", usual=720):
        clean = timed(commands, copy.folder, **alone)
    copy.edit(*APP_EDIT, "1")
    with step("release build after an edit in `app`", usual=300):
        edited = timed(commands, copy.folder, **alone)
    shutil.rmtree(target)
    return {"release_seconds": round(clean, 1), "release_after_edit_seconds": round(edited, 1)}


def until(what: str, look: Callable[[], bool]) -> float:
    """Seconds until `look` answers true."""
    began = time.monotonic()
    while not look():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise NotServed(f"not within {PATIENCE_SECONDS} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


@functools.cache
def edge_headers(stage: Stage) -> dict[str, str]:
    """Asked for once, so that asking is no part of what is measured."""
    return secret.edge_headers(stage)


def fetched(stage: Stage, path: str) -> bytes:
    """What the watch server answers the distribution; nothing while it restarts."""
    asked = urllib.request.Request(f"http://{PAGES}{path}", headers=edge_headers(stage))
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.read()
    except OSError:
        return b""


def smoke(stage: Stage, name: str) -> bytes:
    """What a function answers to its smoke test."""
    if name == "web":
        return fetched(stage, "/healthz")
    asked = stage.client("lambda").invoke(FunctionName=f"shoebox-{stage.name}-{name}", Payload=b'{"smoke": true}')
    return asked["Payload"].read()


def served_everywhere(stage: Stage, mark: str) -> bool:
    return all(mark.encode() in smoke(stage, name) for name in functions.ALL)


def served_in_pages(stage: Stage, mark: str) -> bool:
    """By the server, and by the client that browsers load."""
    return mark.encode() in fetched(stage, "/sign-in") and mark.encode() in fetched(stage, "/pkg/shoebox.wasm")


def edits(copy: Copy, stage: Stage) -> dict[str, float]:
    """Seconds from saving a file until everything that contains it is served, as `make dev` serves it."""
    watcher = None
    try:
        with step("functions and pages of the copy", usual=150):
            build.run(build.AT_HOME, folder=copy.folder)
            cloud.forget(stage)
            cloud.start(stage)
            if deploy.main([stage.name, "--pages", PAGES, "--binaries", str(copy.folder / "target/debug"), "--no-check"]):
                raise NotServed("the deploy failed")
            told = {"LEPTOS_SITE_ADDR": PAGES, "LEPTOS_RELOAD_PORT": "3101", "SHOEBOX_STAGE": stage.name, "RUST_LOG": "warn"}
            with open(copy.folder / "target/watch.log", "wb") as log:
                watcher = subprocess.Popen(
                    ["cargo", "leptos", "watch"],
                    cwd=copy.folder,
                    env=os.environ | stage.environment | told,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            until("the pages answer", lambda: bool(fetched(stage, "/healthz")))
        measured = {}
        for name, edit, served in [
            ("edit_server_seconds", SERVER_EDIT, lambda mark: served_everywhere(stage, mark)),
            ("edit_app_seconds", APP_EDIT, lambda mark: served_in_pages(stage, mark)),
        ]:
            with step(name.replace("_", " ").removesuffix(" seconds")) as outcome:
                seconds = []
                for number in range(EDITS + 1):
                    copy.edit(*edit, str(number))
                    seconds.append(until(f"{name}, edit {number}", lambda number=number: served(f"mark-{number}")))
                # The first compiles what no edit before it did.
                measured[name] = round(sorted(seconds[1:])[EDITS // 2], 1)
                outcome.append(f"{measured[name]} s")
        return measured
    finally:
        if watcher:
            os.killpg(watcher.pid, signal.SIGINT)
            watcher.wait()


def measure(stage: Stage, figures: Path) -> None:
    """All of it; the figures go to `build.json` in a folder."""
    build.install_for_aws("x86_64")
    copy = Copy(ROOT / "target/bench/copy")
    measured = {"cores": os.cpu_count()} | edits(copy, stage) | release(copy)
    figures.mkdir(parents=True, exist_ok=True)
    (figures / "build.json").write_text(json.dumps(measured, indent=2) + "\n")
    for name, value in measured.items():
        print(f"  {name:<32}{value}")
    shutil.rmtree(copy.folder)
