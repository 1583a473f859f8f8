"""Asks the databases of advisories about all that we depend on: crates, npm's packages, Python's.

    python -m infra.local.audit

Crates are asked about their licences and sources, too, by cargo-deny. A database that does not answer is stood in for by the
dated copy in `infra/audit`, and that is said.
"""

import json
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.local import advisories
from infra.local.advisories import KEPT, Advisory
from infra.root import ROOT

FOLDER = ROOT / "target/audit"
CONFIGURATION = ROOT / "deny.toml"
RUST_DATABASE = "advisory-db-3157b0e258782691"
"""As cargo-deny calls its clone of the database that `deny.toml` names."""
PATIENCE_SECONDS = 60


class NoAnswer(Exception):
    """A database cannot be asked from here."""


def exceptions() -> list[dict]:
    """What is accepted, with its reason and date."""
    return tomllib.loads((KEPT / "exceptions.toml").read_text()).get("exception", [])


def _say_copy(kind: str) -> dict:
    copy = advisories.read(kind)
    print(f"{kind}: its database does not answer; asked is the copy of {copy['date']} ({len(copy['advisories'])} advisories)")
    return copy


# Crates


def metadata() -> Path:
    """What cargo knows of all crates, in a file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "metadata.json"
    done = subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    path.write_bytes(done.stdout)
    return path


def _fetch_rust() -> None:
    """Has cargo-deny clone its database, or bring its clone up to date."""
    # Without a question for a password, where a proxy would ask for one.
    command = ["env", "GIT_TERMINAL_PROMPT=0", "cargo-deny", "--locked", "fetch", "db"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise NoAnswer from error
    if done.returncode:
        raise NoAnswer


def bring_rust_database() -> None:
    """Puts the database of advisories where cargo-deny looks for it."""
    place = FOLDER / "rust" / RUST_DATABASE
    # A copy is no clone of it, and one that was broken off neither.
    if not (place / ".git/FETCH_HEAD").exists():
        shutil.rmtree(place, ignore_errors=True)
    try:
        _fetch_rust()
    except NoAnswer:
        shutil.rmtree(place, ignore_errors=True)
        advisories.write_rustsec(_say_copy("rust"), place)


def deny(configuration: Path = CONFIGURATION) -> subprocess.CompletedProcess:
    """What cargo-deny says of the crates, by the database that is there."""
    command = ["cargo-deny", "--offline", "--metadata-path", str(metadata()), "--config", str(configuration)]
    return subprocess.run([*command, "check", "--hide-inclusion-graph"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


# npm


def npm_answers() -> list[Advisory]:
    """What npm's registry says of its packages.

    # Errors
    `NoAnswer` where it takes no such questions.
    """
    command = ["npm", "audit", "--json", "--package-lock-only"]
    try:
        done = subprocess.run(command, cwd=ROOT / "end2end", capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        told = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise NoAnswer from error
    if "vulnerabilities" not in told:
        raise NoAnswer
    # What is a name there only leads to another package's.
    each = [via for package in told["vulnerabilities"].values() for via in package["via"] if isinstance(via, dict)]
    return [Advisory(via["url"].rsplit("/", 1)[-1], via["name"], via["range"]) for via in each]


# Python


def _python_answer(package: tuple[str, str]) -> list[Advisory]:
    name, version = package
    try:
        with urllib.request.urlopen(f"https://pypi.org/pypi/{name}/{version}/json", timeout=PATIENCE_SECONDS) as answer:
            told = json.load(answer)
    except (OSError, ValueError) as error:
        raise NoAnswer from error
    return [Advisory(each["id"], name, version) for each in told.get("vulnerabilities", []) if not each.get("withdrawn")]


def python_answers() -> list[Advisory]:
    """What PyPI says of the packages in the Python environments.

    # Errors
    `NoAnswer` where it does not answer about each.
    """
    packages = sorted(advisories.python_packages())
    found = _python_answer(packages[0])
    with ThreadPoolExecutor(8) as pool:
        return found + [advisory for answer in pool.map(_python_answer, packages[1:]) for advisory in answer]


def accepted(found: list[Advisory], listed: list[dict]) -> tuple[list[Advisory], list[Advisory]]:
    """What was found, divided into what an exception is for and the rest."""
    known = {(each["id"], each["package"]) for each in listed}
    return [one for one in found if (one.id, one.package) in known], [one for one in found if (one.id, one.package) not in known]


def main() -> int:
    wrong = 0
    bring_rust_database()
    crates = deny()
    print(crates.stdout, end="")
    wrong += crates.returncode != 0
    for kind, ask, packages in (("npm", npm_answers, advisories.npm_packages), ("python", python_answers, advisories.python_packages)):
        try:
            found = ask()
        except NoAnswer:
            found = advisories.matching(packages(), _say_copy(kind))
        excepted, left = accepted(found, exceptions())
        print(f"{kind}: {len(packages())} packages, {len(left)} with advisories, {len(excepted)} accepted")
        for advisory in left:
            print(f"{kind}: {advisory.package} {advisory.version}: {advisory.id}")
        wrong += bool(left)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
