"""Cargo's intermediate artifacts: a folder for each clone, which begins with the crates that another clone has compiled.

Clones may not share one folder. Cargo gives a workspace's own crates the same names in all clones, and takes what is newer than the
sources for fresh: it would hand the crates of one clone to another whose sources differ.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from infra import cache
from infra.root import ROOT

CLONE = "clone"
"""Names the clone, in its folder."""


def template() -> str:
    """For cargo, which puts a hash of the workspace's path in: build.build-dir in its reference."""
    return f"{cache.folder()}/builds/{{workspace-path-hash}}"


def prepare() -> None:
    """Makes this clone's folder, unless it is there."""
    told = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, capture_output=True, text=True, check=True)
    workspace = json.loads(told.stdout)
    own = Path(workspace["build_directory"])
    make(own, ROOT, {package["name"].replace("-", "_") for package in workspace["packages"]})


def make(own: Path, clone: Path, members: set[str]) -> None:
    """Makes the folder of a clone: that of a clone that is gone, or else links to what the youngest has, without `members`, the
    workspace's own crates."""
    if own.exists():
        return
    others = sorted(own.parent.parent.glob(f"*/*/{CLONE}"), key=lambda told: told.stat().st_mtime, reverse=True)
    gone = [told.parent for told in others if not Path(told.read_text()).exists()]
    own.parent.mkdir(parents=True, exist_ok=True)
    if gone:
        gone[0].rename(own)
        for other in gone[1:]:
            shutil.rmtree(other)
    elif others:
        link(others[0].parent, own, members)
    else:
        own.mkdir()
    forget(own, members)
    (own / CLONE).write_text(str(clone))


def link(other: Path, own: Path, members: set[str]) -> None:
    """Links to artifacts, which cargo replaces and never changes; what it writes over is copied."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        if Path(folder).name == "deps":
            # Without an extension are programs and tests, which are the workspace's own.
            return {name for name in names if is_of(members, name) or "." not in name}
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


def is_of(members: set[str], artifact: str) -> bool:
    """Whether an artifact, `name-hash`, or `libname-hash` of a library, is of one of the crates."""
    name = artifact.rsplit("-", 1)[0].replace("-", "_")
    return name in members or name.removeprefix("lib") in members
