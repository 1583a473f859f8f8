"""Advisories on what we depend on, as `infra/audit` keeps them: a dated copy for machines that cannot ask the databases.

    python -m infra.local.advisories rust|python REPOSITORY

updates a copy: the facts on the packages that we have, from a clone of github.com/rustsec/advisory-db or
github.com/pypa/advisory-database. npm's database cannot be cloned in reasonable time; its copy is kept by hand.
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

KEPT = ROOT / "infra/audit"
ENVIRONMENTS = [ROOT / ".tools" / name for name in ("python", "checkov", "schemathesis")]
OF_THE_MACHINE = {"pip", "setuptools"}
"""Python itself puts them into each environment."""


@dataclass(frozen=True)
class Advisory:
    """Something that is known of a version that we have."""

    id: str
    package: str
    version: str


def read(kind: str) -> dict:
    """The copy for `rust`, `python` or `npm`."""
    return json.loads((KEPT / f"{kind}.json").read_text())


def canonical(name: str) -> str:
    """A Python package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python_packages() -> set[tuple[str, str]]:
    """What the Python environments hold, with its versions."""
    places = [str(path) for environment in ENVIRONMENTS for path in environment.glob("lib/python*/site-packages")]
    found = {(canonical(each.name), each.version) for each in distributions(path=places)}
    return {(name, version) for name, version in found if name not in OF_THE_MACHINE}


def npm_packages() -> set[tuple[str, str]]:
    """What npm's lock file names, with its versions."""
    packages = json.loads((ROOT / "end2end/package-lock.json").read_text())["packages"]
    return {(path.rsplit("node_modules/", 1)[-1], told["version"]) for path, told in packages.items() if path}


def rust_packages() -> set[str]:
    return {package["name"] for package in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]}


def _has(version: Version, ranges: list[list[str | None]]) -> bool:
    """Whether a version lies in one of the ranges, each from a version up to another that is well again."""
    return any(Version(begin) <= version and (end is None or version < Version(end)) for begin, end in ranges)


def matching(packages: set[tuple[str, str]], copy: dict) -> list[Advisory]:
    """What a copy of `python` or `npm` says of these packages."""
    versions: dict[str, list[str]] = {}
    for name, version in sorted(packages):
        versions.setdefault(name, []).append(version)
    found = []
    for told in copy["advisories"]:
        for version in versions.get(told["package"], []):
            if _has(Version(version), told["vulnerable"]):
                found.append(Advisory(told["id"], told["package"], version))
    return found


# cargo-deny reads a git repository with a file for each advisory.


def _as_rustsec(told: dict) -> str:
    lines = ["```toml", "[advisory]", *(f"{name} = {json.dumps(told[name])}" for name in ("id", "package", "date", "informational") if name in told)]
    versions = [f"{name} = {json.dumps(told[name])}" for name in ("patched", "unaffected") if name in told]
    return "\n".join([*lines, "", "[versions]", *versions, "```", "", f"# {told['id']}", "", f"https://rustsec.org/advisories/{told['id']}", ""])


def write_rustsec(copy: dict, folder: Path) -> None:
    """Writes the copy of `rust` as cargo-deny has a database, of the copy's date."""
    for told in copy["advisories"]:
        path = folder / "crates" / told["package"] / f"{told['id']}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_as_rustsec(told))
    date = f"{copy['date']}T00:00:00Z"
    git = ["git", "-C", str(folder), "-c", "user.name=audit", "-c", "user.email=audit@shoebox.test", "-c", "commit.gpgsign=false"]
    dated = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", f"Advisories of {copy['date']}"]):
        subprocess.run([*git, *command], check=True, env={**_environment(), **dated})


def _environment() -> dict[str, str]:
    # A hook's GIT_DIR would name another repository.
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


# Updating the copies.


def _files(repository: str, under: str) -> Iterator[tuple[str, bytes]]:
    archive = subprocess.run(["git", "-C", repository, "archive", "HEAD", under], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            if member.isfile():
                yield member.name, files.extractfile(member).read()


def rust_facts(repository: str) -> list[dict]:
    """The facts of each advisory on a crate of ours."""
    ours, facts = rust_packages(), []
    for name, content in _files(repository, "crates"):
        if not name.endswith(".md") or name.split("/")[1] not in ours:
            continue
        told = tomllib.loads(content.decode().split("```toml", 1)[1].split("```", 1)[0])
        advisory, versions = told["advisory"], told.get("versions", {})
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
    """The facts of each advisory on a Python package of ours that says from which version to which."""
    ours, facts = {name for name, _ in python_packages()}, []
    for path, content in _files(repository, "vulns"):
        if canonical(path.split("/")[1]) not in ours:
            continue
        told = yaml.load(content, yaml.CSafeLoader)
        if "withdrawn" in told:
            continue
        for affected in told["affected"]:
            ranges = [pair for each in affected.get("ranges", []) if each["type"] == "ECOSYSTEM" for pair in _ranges(each["events"])]
            facts.append({"id": told["id"], "package": canonical(affected["package"]["name"]), "vulnerable": ranges})
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
    (KEPT / f"{kind}.json").write_text(f'{{{head}, "advisories": [\n{lines}\n]}}\n')
    print(f"{len(advisories)} advisories of {date}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
