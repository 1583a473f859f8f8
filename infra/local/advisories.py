"""Security advisories for our dependencies, from the dated snapshots in `infra/audit`, for machines without access to the databases.

    python -m infra.local.advisories rust|python REPOSITORY

updates a snapshot with the advisories for the packages in use, from a clone of github.com/rustsec/advisory-db or
github.com/pypa/advisory-database. npm's database cannot be cloned in reasonable time; its snapshot is maintained by hand.
"""

import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import yaml
from packaging.version import Version

from infra.root import ROOT

SNAPSHOTS = ROOT / "infra/audit"
ENVIRONMENTS = [ROOT / ".tools" / name for name in ("python", "checkov", "schemathesis")]
BUNDLED = {"pip", "setuptools"}
"""Python installs these into every virtual environment."""


@dataclass(frozen=True)
class Advisory:
    """An advisory that affects an installed version."""

    id: str
    package: str
    version: str


def read(kind: str) -> dict:
    """The snapshot for `rust`, `python` or `npm`."""
    return json.loads((SNAPSHOTS / f"{kind}.json").read_text())


def canonical(name: str) -> str:
    """A Python package's normalized name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python_packages() -> set[tuple[str, str]]:
    """Names and versions of the packages in the Python environments."""
    paths = [str(path) for environment in ENVIRONMENTS for path in environment.glob("lib/python*/site-packages")]
    found = {(canonical(each.name), each.version) for each in distributions(path=paths)}
    return {(name, version) for name, version in found if name not in BUNDLED}


def npm_packages() -> set[tuple[str, str]]:
    """Names and versions of the packages in npm's lock file."""
    packages = json.loads((ROOT / "end2end/package-lock.json").read_text())["packages"]
    return {(path.rsplit("node_modules/", 1)[-1], package["version"]) for path, package in packages.items() if path}


def rust_packages() -> set[str]:
    return {package["name"] for package in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]}


def _in_ranges(version: Version, ranges: list[list[str | None]]) -> bool:
    """Whether a version is in one of the ranges [introduced, fixed), where `fixed` may be missing."""
    return any(Version(begin) <= version and (end is None or version < Version(end)) for begin, end in ranges)


def matching(packages: set[tuple[str, str]], snapshot: dict) -> list[Advisory]:
    """The advisories of a `python` or `npm` snapshot that affect these packages."""
    versions: dict[str, list[str]] = {}
    for name, version in sorted(packages):
        versions.setdefault(name, []).append(version)
    found = []
    for advisory in snapshot["advisories"]:
        for version in versions.get(advisory["package"], []):
            if _in_ranges(Version(version), advisory["vulnerable"]):
                found.append(Advisory(advisory["id"], advisory["package"], version))
    return found


# cargo-deny reads advisories from a git repository with one file each.


def _as_rustsec(advisory: dict) -> str:
    names = [name for name in ("id", "package", "date", "informational") if name in advisory]
    lines = ["```toml", "[advisory]", *(f"{name} = {json.dumps(advisory[name])}" for name in names)]
    versions = [f"{name} = {json.dumps(advisory[name])}" for name in ("patched", "unaffected") if name in advisory]
    url = f"https://rustsec.org/advisories/{advisory['id']}"
    return "\n".join([*lines, "", "[versions]", *versions, "```", "", f"# {advisory['id']}", "", url, ""])


def write_rustsec(snapshot: dict, folder: Path) -> None:
    """Writes the `rust` snapshot in RustSec's database format, committed with the snapshot's date."""
    for advisory in snapshot["advisories"]:
        path = folder / "crates" / advisory["package"] / f"{advisory['id']}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_as_rustsec(advisory))
    date = f"{snapshot['date']}T00:00:00Z"
    git = ["git", "-C", str(folder), "-c", "user.name=audit", "-c", "user.email=audit@shoebox.test", "-c", "commit.gpgsign=false"]
    dated = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", f"Advisories of {snapshot['date']}"]):
        subprocess.run([*git, *command], check=True, env={**_environment(), **dated})


def _environment() -> dict[str, str]:
    # Inside a git hook, GIT_DIR would point to another repository.
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


# Updating the snapshots


def _files(repository: str, under: str) -> Iterator[tuple[str, bytes]]:
    archive = subprocess.run(["git", "-C", repository, "archive", "HEAD", under], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            if member.isfile():
                yield member.name, files.extractfile(member).read()


def rust_facts(repository: str) -> list[dict]:
    """The advisories for crates in Cargo.lock."""
    used, facts = rust_packages(), []
    for name, content in _files(repository, "crates"):
        if not name.endswith(".md") or name.split("/")[1] not in used:
            continue
        document = tomllib.loads(content.decode().split("```toml", 1)[1].split("```", 1)[0])
        advisory, versions = document["advisory"], document.get("versions", {})
        if "withdrawn" in advisory:
            continue
        kept = {key: str(advisory[key]) for key in ("id", "package", "date", "informational") if key in advisory}
        facts.append(kept | {"patched": versions.get("patched", []), "unaffected": versions.get("unaffected", [])})
    return sorted(facts, key=lambda fact: fact["id"])


def _ranges(events: list[dict]) -> Iterator[list[str | None]]:
    begin = None
    for event in events:
        if "introduced" in event:
            begin = event["introduced"]
        elif "fixed" in event and begin is not None:
            yield [begin, event["fixed"]]
            begin = None
    if begin is not None:
        yield [begin, None]


def python_facts(repository: str) -> list[dict]:
    """The advisories with version ranges for the installed Python packages."""
    used, facts = {name for name, _ in python_packages()}, []
    for path, content in _files(repository, "vulns"):
        if canonical(path.split("/")[1]) not in used:
            continue
        advisory = yaml.load(content, yaml.CSafeLoader)
        if "withdrawn" in advisory:
            continue
        for affected in advisory["affected"]:
            ranges = [pair for each in affected.get("ranges", []) if each["type"] == "ECOSYSTEM" for pair in _ranges(each["events"])]
            facts.append({"id": advisory["id"], "package": canonical(affected["package"]["name"]), "vulnerable": ranges})
    return sorted(facts, key=lambda fact: (fact["id"], fact["package"]))


def main(arguments: list[str]) -> int:
    facts = {"rust": rust_facts, "python": python_facts}
    if len(arguments) != 2 or arguments[0] not in facts:
        print(__doc__, file=sys.stderr)
        return 2
    kind, repository = arguments
    log = subprocess.run(["git", "-C", repository, "log", "-1", "--format=%H %cs"], check=True, capture_output=True, text=True).stdout
    commit, date = log.split()
    source = {"rust": "github.com/rustsec/advisory-db", "python": "github.com/pypa/advisory-database"}[kind]
    advisories = facts[kind](repository)
    lines = ",\n".join(f"    {json.dumps(each)}" for each in advisories)
    head = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in {"source": source, "commit": commit, "date": date}.items())
    (SNAPSHOTS / f"{kind}.json").write_text(f'{{{head}, "advisories": [\n{lines}\n]}}\n')
    print(f"{len(advisories)} advisories of {date}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
