"""Asks about all that we depend on whether something is known of it: crates, npm's packages, Python's.

    python -m infra.local.audit [--ask]

The dated copies in `infra/audit` decide, and for crates their licences and sources, too, by cargo-deny: without a network, and today as
yesterday. `--ask` asks RustSec's database and npm's registry as well. What they know beyond the copies is a warning.
"""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from infra.local import advisories
from infra.local.advisories import KEPT, Advisory
from infra.root import ROOT

FOLDER = ROOT / "target/audit"
CONFIGURATION = ROOT / "deny.toml"
RUST_DATABASE = "advisory-db-3157b0e258782691"
"""As cargo-deny calls the folder of the database that `deny.toml` names."""
PATIENCE_SECONDS = 60


class NoAnswer(Exception):
    """A database cannot be asked from here."""


def exceptions() -> list[dict]:
    """What is accepted, with its reason and date."""
    return tomllib.loads((KEPT / "exceptions.toml").read_text()).get("exception", [])


# Crates


def metadata() -> Path:
    """What cargo knows of the crates that are compiled anywhere, in a file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "metadata.json"
    # Of other targets' crates cargo would first fetch what no build has fetched.
    targets = tomllib.loads(CONFIGURATION.read_text())["graph"]["targets"]
    only = [word for target in targets for word in ("--filter-platform", target)]
    command = ["cargo", "metadata", "--locked", "--format-version", "1", *only]
    path.write_bytes(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return path


def with_databases(folder: Path, configuration: str) -> Path:
    """cargo-deny's configuration with the databases in a folder, as a file in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "deny.toml"
    path.write_text(re.sub(r"(?m)^db-path = .*$", f"db-path = {json.dumps(str(folder))}", configuration))
    return path


def deny(configuration: Path, *checks: str) -> subprocess.CompletedProcess:
    """What cargo-deny says of the crates by the database that is there: by all its checks, or by some."""
    command = ["cargo-deny", "--offline", "--metadata-path", str(metadata()), "--config", str(configuration)]
    return subprocess.run([*command, "check", "--hide-inclusion-graph", *checks], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def by_copy(folder: Path, configuration: str) -> subprocess.CompletedProcess:
    """What cargo-deny says by the copy, which is written into a folder."""
    place = folder / RUST_DATABASE
    shutil.rmtree(place, ignore_errors=True)
    advisories.write_rustsec(advisories.read("rust"), place)
    return deny(with_databases(folder, configuration))


def told(output: str) -> list[Advisory]:
    """The advisories in what cargo-deny said, each with the crate that it is about."""
    found = re.findall(r"(?m)^\s*├ ID: (\S+)|^\s*\d+ │ (\S+) (\S+) registry\+", output)
    answer, crate = [], ("", "")
    for identifier, name, version in found:
        if identifier:
            answer.append(Advisory(identifier, *crate))
        else:
            crate = (name, version)
    return answer


def rust_answers() -> list[Advisory]:
    """What RustSec's database says, cloned by cargo-deny, or brought up to date.

    # Errors
    `NoAnswer` where it cannot be.
    """
    folder = FOLDER / "asked"
    configuration = with_databases(folder, CONFIGURATION.read_text())
    # One that was broken off is no clone.
    if not (folder / RUST_DATABASE / ".git/FETCH_HEAD").exists():
        shutil.rmtree(folder / RUST_DATABASE, ignore_errors=True)
    # Without a question for a password, where a proxy would ask for one.
    command = ["env", "GIT_TERMINAL_PROMPT=0", "cargo-deny", "--locked", "--config", str(configuration), "fetch", "db"]
    if subprocess.run(command, cwd=ROOT, capture_output=True, timeout=PATIENCE_SECONDS).returncode:
        raise NoAnswer
    return told(deny(configuration, "advisories").stdout)


# npm


def npm_answers() -> list[Advisory]:
    """What npm's registry says of its packages.

    # Errors
    `NoAnswer` where it takes no such questions.
    """
    command = ["npm", "audit", "--json", "--package-lock-only"]
    done = subprocess.run(command, cwd=ROOT / "end2end", capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    answer = json.loads(done.stdout)
    if "vulnerabilities" not in answer:
        raise NoAnswer
    # What is a name there only leads to another package's.
    each = [via for package in answer["vulnerabilities"].values() for via in package["via"] if isinstance(via, dict)]
    return [Advisory(via["url"].rsplit("/", 1)[-1], via["name"], via["range"]) for via in each]


# All


def accepted(found: list[Advisory], listed: list[dict]) -> tuple[list[Advisory], list[Advisory]]:
    """What was found, divided into what an exception is for and the rest."""
    known = {(each["id"], each["package"]) for each in listed}
    return [one for one in found if (one.id, one.package) in known], [one for one in found if (one.id, one.package) not in known]


def warnings(kind: str, ask: Callable[[], list[Advisory]], found: list[Advisory]) -> list[str]:
    """Asks a database, and says what it knows beyond what the copy `found`, or that it does not answer."""
    date = advisories.read(kind)["date"]
    try:
        answered = set(ask())
    # Whatever it says, and however it fails to, is none of the tree's faults.
    except Exception as error:
        return [f"{kind}: its database does not answer ({type(error).__name__}); the copy of {date} alone was asked"]
    known = {(one.id, one.package) for one in found}
    new = sorted((one.package, one.version, one.id) for one in answered if (one.id, one.package) not in known)
    return [f"{kind}: warning: {package} {version}: {identifier}, which the copy of {date} does not have" for package, version, identifier in new]


def main(ask: bool = False) -> int:
    crates = by_copy(FOLDER / "copy", CONFIGURATION.read_text())
    print(crates.stdout, end="")
    wrong = crates.returncode != 0
    found = {}
    for kind, packages in (("npm", advisories.npm_packages()), ("python", advisories.python_packages())):
        found[kind] = advisories.matching(packages, advisories.read(kind))
        excepted, left = accepted(found[kind], exceptions())
        print(f"{kind}: {len(packages)} packages, {len(left)} with advisories, {len(excepted)} accepted")
        for advisory in left:
            print(f"{kind}: {advisory.package} {advisory.version}: {advisory.id}")
        wrong |= bool(left)
    if ask:
        # What is accepted is so before its copy has it, too.
        lines = warnings("rust", rust_answers, told(crates.stdout)) + warnings("npm", lambda: accepted(npm_answers(), exceptions())[1], found["npm"])
        print("\n".join(lines))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(ask="--ask" in sys.argv[1:]))
