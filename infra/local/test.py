"""`make test`: everything CI runs, part by part, each timed.

    python -m infra.local.test [PART...]

With names only those parts run, and what they need before them.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from infra import build, deploy, proof
from infra.local import cloud, hosted
from infra.stage import ROOT, Stage
from infra.wiring import Wiring

STAGE = Stage.named("test")
LAST_LINES = 10
"""What is said once more at the end of a failed command: the end of a long log is often all that is kept of it."""
CRATES = ["-p", "app", "-p", "develop", "-p", "server"]
"""Always together: each alone would have what they share compiled with other features."""
WASM = ["--target", "wasm32-unknown-unknown"]


class PartFailed(Exception):
    """A part that did not succeed, in a few words."""


@dataclass
class Part:
    name: str
    work: Callable[[], None]
    needs: list[str] = field(default_factory=list)


def run(*command: str, folder: str = ".", **environment: str) -> None:
    environment = os.environ | environment | ({"CARGO_TERM_COLOR": "always", "FORCE_COLOR": "1"} if sys.stdout.isatty() else {})
    last: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(
        command, cwd=ROOT / folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
                if line.strip():
                    last.append(f"    {line.rstrip()}")
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise PartFailed("\n".join([f"{' '.join(command)} left with {process.returncode}", *last]))


def tests(*arguments: str, **environment: str) -> None:
    """Rust tests, by nextest where it is installed."""
    runner = ["nextest", "run", "--no-fail-fast"] if shutil.which("cargo-nextest") else ["test"]
    run("cargo", *runner, *arguments, **environment)


def damaged_files(**environment: str) -> None:
    """They look at the memory of their process, so they have one to themselves."""
    if shutil.which("cargo-nextest"):
        run("cargo", "nextest", "run", *CRATES, "--lib", "--no-fail-fast", "mutations::", **environment)
    else:
        run("cargo", "test", *CRATES, "--lib", "mutations::", "--", "--test-threads=1", **environment)


def lint() -> None:
    # The frontend by itself: built with the server for the host, its features would reach the server's pages.
    run("cargo", "clippy", "-p", "model", "--all-features", "--all-targets", "--locked", "--", "-D", "warnings")
    run("cargo", "clippy", "-p", "server", "-p", "develop", "--all-targets", "--locked", "--", "-D", "warnings")
    # cargo-leptos builds it in a folder of its own; there the macros are compiled already.
    run("cargo", "clippy", "-p", "frontend", "--target-dir", "target/front", *WASM, "--locked", "--", "-D", "warnings")
    run("npx", "tsc", folder="end2end")


def unit() -> None:
    # The nouns by themselves: what their tests need would reach the features of crates that the SDK is built with.
    tests("-p", "model", "--all-features")
    if shutil.which("cargo-nextest"):
        tests(*CRATES, "--lib", "--bins")
    else:
        tests(*CRATES, "--lib", "--bins", "--", "--skip", "mutations::")
        damaged_files()


def made_stage() -> None:
    """A cloud that knows nothing of earlier runs, with the site's pages from the HTTP API."""
    cloud.forget(STAGE)
    cloud.start(STAGE)
    if deploy.main([STAGE.name]):
        raise PartFailed("the deploy failed")
    hosted.introduce(STAGE)
    Wiring(STAGE).settle()


def templates() -> None:
    # By their files: those in infra/tests/cloud ask a deployed stage.
    files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("infra/tests/test_*.py"))
    run(sys.executable, "-m", "unittest", "-q", *files)


def rooms() -> None:
    if not any((ROOT / "server/tests").glob("*.rs")):
        raise PartFailed("server/tests has no tests")
    tests("-p", "server", "--test", "*", **STAGE.environment, SHOEBOX_STAGE=STAGE.name)


def wiring() -> None:
    run(sys.executable, "-m", "unittest", "discover", "-s", "infra/tests/cloud", SHOEBOX_STAGE=STAGE.name)


PARTS = [
    Part("format", lambda: run("cargo", "fmt", "--all", "--check")),
    Part("rules", lambda: run(sys.executable, "-m", "infra.local.rules")),
    Part("templates", templates),
    Part("edge", lambda: run("node", "--test", "--test-reporter=dot", "infra/edge/")),
    Part("lint", lint),
    Part("unit", unit),
    Part("build", lambda: (build.site_at_home(), build.doors_at_home())),
    Part("cloud", made_stage, needs=["build"]),
    Part("rooms", rooms, needs=["cloud"]),
    Part("browser", lambda: run("npx", "playwright", "test", folder="end2end", SHOEBOX_STAGE=STAGE.name, **proof.environment(STAGE)), needs=["cloud"]),
    Part("wiring", wiring, needs=["cloud"]),
    Part("api", lambda: run(sys.executable, "-m", "infra.local.api", STAGE.name, SHOEBOX_STAGE=STAGE.name), needs=["cloud"]),
    # Last: it looks at what all the others made the functions do.
    Part("grants", lambda: run(sys.executable, "-m", "infra.local.grants", STAGE.name), needs=["rooms", "browser", "wiring"]),
]


def chosen(names: list[str]) -> list[Part]:
    """The parts of these names with what they need, in their order; all without a name."""
    known = {part.name: part for part in PARTS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"No part {', '.join(unknown)}; there are {', '.join(known)}")
    wanted, waiting = set(), list(names) or list(known)
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        waiting += known[name].needs
    return [part for part in PARTS if part.name in wanted]


def main(names: list[str]) -> int:
    # `kill` ends it as Ctrl-C does, also where a shell's background makes it deaf to Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()
    results: dict[str, str] = {}
    failures: list[str] = []
    try:
        for part in chosen(names):
            missing = [need for need in part.needs if not results.get(need, "").startswith("ok")]
            if missing:
                results[part.name] = f"not run: {', '.join(missing)} failed"
                continue
            print(f"\n── {part.name}", flush=True)
            start = time.monotonic()
            try:
                part.work()
                results[part.name] = "ok"
            except (PartFailed, build.Failed) as error:
                results[part.name] = "FAILED"
                failures.append(f"  {part.name}: {error}")
            results[part.name] = f"{results[part.name]:<8}{time.monotonic() - start:8.1f} s"
    finally:
        cloud.stop(STAGE)
    print("\n" + "\n".join(f"  {name:<12}{result}" for name, result in results.items()))
    print(f"  {'all':<12}{'FAILED' if failures else 'ok':<8}{time.monotonic() - began:8.1f} s")
    print("".join(f"\n{failure}\n" for failure in failures), end="")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
