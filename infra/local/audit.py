"""Checks all dependencies (crates, npm and Python packages) for known vulnerabilities.

    python -m infra.local.audit [--ask]

The dated snapshots in `infra/audit` decide, so the result is reproducible and needs no network; cargo-deny also checks the crates'
licences and sources. `--ask` queries RustSec's database and npm's registry as well: what they report beyond the snapshots is a warning.
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
from infra.local.advisories import SNAPSHOTS, Advisory
from infra.root import ROOT

FOLDER = ROOT / "target/audit"
CONFIGURATION = ROOT / "deny.toml"
RUST_DATABASE = "advisory-db-3157b0e258782691"
"""cargo-deny's folder name for the database that `deny.toml` configures."""
TIMEOUT_SECONDS = 60


class DatabaseUnavailable(Exception):
    """A database cannot be queried from here."""


def exceptions() -> list[dict]:
    """The accepted advisories, with reason and date."""
    return tomllib.loads((SNAPSHOTS / "exceptions.toml").read_text()).get("exception", [])


# Crates


def metadata() -> Path:
    """Writes `cargo metadata` for the targets that are built; returns its path."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "metadata.json"
    # Without a filter, cargo downloads the crates of all other targets.
    targets = tomllib.loads(CONFIGURATION.read_text())["graph"]["targets"]
    only = [word for target in targets for word in ("--filter-platform", target)]
    command = ["cargo", "metadata", "--locked", "--format-version", "1", *only]
    path.write_bytes(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return path


def with_databases(folder: Path, configuration: str) -> Path:
    """Writes cargo-deny's configuration with `folder` as its database path; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "deny.toml"
    path.write_text(re.sub(r"(?m)^db-path = .*$", f"db-path = {json.dumps(str(folder))}", configuration))
    return path


def deny(configuration: Path, *checks: str) -> subprocess.CompletedProcess:
    """Runs cargo-deny with the database that is there: all its checks, or some."""
    command = ["cargo-deny", "--offline", "--metadata-path", str(metadata()), "--config", str(configuration)]
    return subprocess.run([*command, "check", "--hide-inclusion-graph", *checks], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def check_snapshot(folder: Path, configuration: str) -> subprocess.CompletedProcess:
    """Runs cargo-deny with the snapshot as its database, which is written into `folder`."""
    database = folder / RUST_DATABASE
    shutil.rmtree(database, ignore_errors=True)
    advisories.write_rustsec(advisories.read("rust"), database)
    return deny(with_databases(folder, configuration))


def parse_output(output: str) -> list[Advisory]:
    """The advisories in cargo-deny's output, each with its crate."""
    found = re.findall(r"(?m)^\s*├ ID: (\S+)|^\s*\d+ │ (\S+) (\S+) registry\+", output)
    parsed, crate = [], ("", "")
    for identifier, name, version in found:
        if identifier:
            parsed.append(Advisory(identifier, *crate))
        else:
            crate = (name, version)
    return parsed


def query_rustsec() -> list[Advisory]:
    """Advisories from RustSec's database, which cargo-deny clones or updates.

    # Errors
    `DatabaseUnavailable` if it cannot be fetched.
    """
    folder = FOLDER / "asked"
    configuration = with_databases(folder, CONFIGURATION.read_text())
    # Delete an incomplete clone.
    if not (folder / RUST_DATABASE / ".git/FETCH_HEAD").exists():
        shutil.rmtree(folder / RUST_DATABASE, ignore_errors=True)
    # Fail instead of prompting for a password if a proxy asks for one.
    command = ["env", "GIT_TERMINAL_PROMPT=0", "cargo-deny", "--locked", "--config", str(configuration), "fetch", "db"]
    if subprocess.run(command, cwd=ROOT, capture_output=True, timeout=TIMEOUT_SECONDS).returncode:
        raise DatabaseUnavailable
    return parse_output(deny(configuration, "advisories").stdout)


# npm


def query_npm() -> list[Advisory]:
    """Advisories from npm's registry.

    # Errors
    `DatabaseUnavailable` if the registry does not support audits.
    """
    command = ["npm", "audit", "--json", "--package-lock-only"]
    done = subprocess.run(command, cwd=ROOT / "end2end", capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    report = json.loads(done.stdout)
    if "vulnerabilities" not in report:
        raise DatabaseUnavailable
    # A string in `via` is only a reference to another package's entry.
    each = [via for package in report["vulnerabilities"].values() for via in package["via"] if isinstance(via, dict)]
    return [Advisory(via["url"].rsplit("/", 1)[-1], via["name"], via["range"]) for via in each]


# All


def accepted(found: list[Advisory], listed: list[dict]) -> tuple[list[Advisory], list[Advisory]]:
    """Splits advisories into those with an exception and the rest."""
    known = {(each["id"], each["package"]) for each in listed}
    return [one for one in found if (one.id, one.package) in known], [one for one in found if (one.id, one.package) not in known]


def warnings(kind: str, query: Callable[[], list[Advisory]], found: list[Advisory]) -> list[str]:
    """Queries a database; a line for each advisory that the snapshot does not have, or one if the query fails."""
    date = advisories.read(kind)["date"]
    try:
        reported = set(query())
    # No failure of a remote database may fail the audit.
    except Exception as error:
        return [f"{kind}: its database is unavailable ({type(error).__name__}); only the snapshot of {date} was checked"]
    known = {(one.id, one.package) for one in found}
    new = sorted((one.package, one.version, one.id) for one in reported if (one.id, one.package) not in known)
    return [f"{kind}: warning: {package} {version}: {identifier}, which is not in the snapshot of {date}" for package, version, identifier in new]


def main(ask: bool = False) -> int:
    crates = check_snapshot(FOLDER / "copy", CONFIGURATION.read_text())
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
        lines = warnings("rust", query_rustsec, parse_output(crates.stdout))
        # Exceptions also apply to advisories that are not in the snapshot yet.
        lines += warnings("npm", lambda: accepted(query_npm(), exceptions())[1], found["npm"])
        print("\n".join(lines))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(ask="--ask" in sys.argv[1:]))
