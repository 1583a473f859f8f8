"""Cargo's intermediate artifacts: a folder for each clone, which begins with the crates that another clone has compiled.

Clones may not share one folder. Cargo gives a workspace's own crates the same names in all clones, and takes what is newer than the
sources for fresh: it would hand the crates of one clone to another whose sources differ.
"""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path

from infra import cache
from infra.root import ROOT

CLONE = "clone"
"""Names the clone, in its folder."""

GIGABYTE = 10**9

LARGEST = 20 * GIGABYTE
"""Bytes that a clone's folder may have. Cargo never deletes what it no longer uses: every change of features or dependencies leaves
another copy of our programs behind. One clean `make test` takes about 10 GB."""

FREE = 12 * GIGABYTE
"""Bytes that must be free on the disk: with less, a folder is trimmed whatever its size."""


def template() -> str:
    """For cargo, which puts a hash of the workspace's path in: build.build-dir in its reference."""
    return f"{cache.folder()}/builds/{{workspace-path-hash}}"


def prepare() -> None:
    """Makes this clone's folder, unless it is there, and deletes what is no longer used once it takes too much of the disk."""
    metadata = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, capture_output=True, text=True, check=True)
    workspace = json.loads(metadata.stdout)
    own = Path(workspace["build_directory"])
    members = {package["name"].replace("-", "_") for package in workspace["packages"]}
    make(own, ROOT, members)
    trim(own, members)


def trim(own: Path, members: set[str], largest: int = LARGEST, least_free: int = FREE) -> None:
    """Deletes, in this order and until there is space: the folders of clones that are gone, the workspace's own crates, all crates.
    The clone's own folder is left alone while cargo builds in it."""

    def too_much() -> bool:
        return shutil.disk_usage(own).free < least_free or size(own) > largest

    if not too_much():
        return
    for other in clones(own.parent.parent):
        if other != own and is_gone(other):
            shutil.rmtree(other)
    if not too_much() or is_building(own):
        return
    forget(own, members)
    for folder in [*own.glob("**/incremental"), *own.glob("**/examples")]:
        shutil.rmtree(folder)
    for artifact in own.glob("**/deps/*"):
        # A folder is what a compiler that was stopped leaves behind.
        if artifact.is_dir():
            shutil.rmtree(artifact)
        elif is_left_out(members, artifact.name):
            artifact.unlink()
    if size(own) > largest:
        clone = (own / CLONE).read_text()
        shutil.rmtree(own)
        own.mkdir()
        (own / CLONE).write_text(clone)


def is_building(own: Path) -> bool:
    """Whether a cargo process holds the lock of a profile's folder."""
    for lock in [*own.glob("*/.cargo*lock"), *own.glob("*/*/.cargo*lock")]:
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False


def size(folder: Path) -> int:
    """Bytes in its files."""
    return sum(os.lstat(os.path.join(path, name)).st_size for path, _, names in os.walk(folder) for name in names)


def clones(builds: Path) -> list[Path]:
    """The folders of all clones, the youngest first."""
    named = sorted(builds.glob(f"*/*/{CLONE}"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [file.parent for file in named]


def is_gone(folder: Path) -> bool:
    """Whether the clone that it belongs to was deleted."""
    return not Path((folder / CLONE).read_text()).exists()


def make(own: Path, clone: Path, members: set[str]) -> None:
    """Makes the folder of a clone: that of a clone that is gone, or else links to what the youngest has, without `members`, the
    workspace's own crates."""
    if own.exists():
        return
    others = clones(own.parent.parent)
    gone = [other for other in others if is_gone(other)]
    own.parent.mkdir(parents=True, exist_ok=True)
    if gone:
        gone[0].rename(own)
        for other in gone[1:]:
            shutil.rmtree(other)
    elif others:
        link(others[0], own, members)
    else:
        own.mkdir()
    forget(own, members)
    (own / CLONE).write_text(str(clone))


def link(other: Path, own: Path, members: set[str]) -> None:
    """Links to artifacts, which cargo replaces and never changes; what it writes over is copied."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        if Path(folder).name == "deps":
            return {name for name in names if is_left_out(members, name)}
        return {name for name in names if name in ("incremental", "examples")}

    def copy(source: str, target: str) -> None:
        if Path(source).suffix in (".rlib", ".rmeta", ".so", ".a", ".o"):
            os.link(source, target)
        else:
            shutil.copy2(source, target)

    shutil.copytree(other, own, symlinks=True, ignore=left_out, copy_function=copy)


def forget(own: Path, members: set[str]) -> None:
    """Deletes the fingerprints of the workspace's own crates, which were another clone's: cargo compiles them again."""
    for fingerprint in own.glob("**/.fingerprint/*"):
        if is_of(members, fingerprint.name):
            shutil.rmtree(fingerprint)


def is_left_out(members: set[str], artifact: str) -> bool:
    """Whether it is the workspace's own: one of its crates, or a program or test, which have no extension."""
    return is_of(members, artifact) or "." not in artifact


def is_of(members: set[str], artifact: str) -> bool:
    """Whether an artifact, `name-hash`, or `libname-hash` of a library, is of one of the crates."""
    name = artifact.rsplit("-", 1)[0].replace("-", "_")
    return name in members or name.removeprefix("lib") in members
