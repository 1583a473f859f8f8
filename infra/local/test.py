"""`make test`: everything CI runs, each part and each suite's slowest tests timed.

    python -m infra.local.test [PART...]

With names only those parts run, and what they need before them. Parts that need nothing of one another run at once: the browser's
tests have a local cloud of their own, beside the one that functions and wiring are tested in.
"""

import re
import shutil
import sys

from infra import build, proof
from infra.local import cloud, grants, hosted, interrupts
from infra.local.suite import Output, Part, PartFailed, chosen, run_parts
from infra.root import ROOT
from infra.stage import Stage
from infra.wiring import Wiring

STAGE = Stage.named("test")
BROWSER = Stage.named("browser")
CRATES = ["-p", "app", "-p", "words", "-p", "develop", "-p", "server", "--features", "server/separate", "--locked"]
"""Always together: each alone would have what they share compiled with other features."""
ALONE = [["-p", "model", "--all-features", "--locked"], ["-p", "score", "--locked"]]
"""Each by itself: what they need would reach the features of crates that the SDK is built with."""
WASM = ["--target", "wasm32-unknown-unknown"]
CLIPPY = {"RUSTC_WORKSPACE_WRAPPER": "clippy-driver"}
"""Lints are found while tests are compiled, with the crates that the build has compiled: `cargo clippy` would check all of those again."""
WARNED = re.compile(r"warning: `[\w-]+` \(.+\) generated \d+ warning")
"""cargo says so of a crate that was compiled before, too."""
NEXTEST_REPORT = ROOT / "target/nextest/default/junit.xml"
"""Where `.config/nextest.toml` has it written."""


def rust_tests(output: Output, *arguments: str, **environment: str) -> None:
    """Rust tests, by nextest where it is installed: it alone says how long each took."""
    if not shutil.which("cargo-nextest"):
        output.run("cargo", "test", *arguments, **CLIPPY, **environment)
        return
    NEXTEST_REPORT.unlink(missing_ok=True)
    try:
        output.run("cargo", "nextest", "run", "--status-level", "slow", *arguments, **CLIPPY, **environment)
    finally:
        if NEXTEST_REPORT.exists():
            shutil.copy(NEXTEST_REPORT, output.report())


def python_tests(output: Output, *where: str, **environment: str) -> None:
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-o", "consider_namespace_packages=true"]
    output.run(sys.executable, "-m", "pytest", *options, f"--junitxml={output.report()}", *where, **environment)


def damaged_files(output: Output, **environment: str) -> None:
    """They look at the memory of their process, so they have one to themselves."""
    if shutil.which("cargo-nextest"):
        rust_tests(output, *CRATES, "--lib", "mutations::", **environment)
    else:
        output.run("cargo", "test", *CRATES, "--lib", "mutations::", "--", "--test-threads=1", **CLIPPY, **environment)


def lint(output: Output) -> None:
    """Compiles all tests, and refuses warnings, clippy's among them."""
    build_tests = ["nextest", "run", "--no-run"] if shutil.which("cargo-nextest") else ["test", "--no-run"]
    for crates in (CRATES, *ALONE):
        output.run("cargo", *build_tests, "--all-targets", *crates, refused=WARNED, **CLIPPY)
    # The frontend by itself: built with the server for the host, its features would reach the server's pages. In a folder of its own,
    # so that what was compiled by clippy is not what browsers get.
    output.run("cargo", "build", "-p", "frontend", *WASM, "--profile", "wasm-dev", "--target-dir", "target/lint", "--locked", refused=WARNED, **CLIPPY)


def unit(output: Output) -> None:
    rust_tests(output, *ALONE[0])
    if shutil.which("cargo-nextest"):
        rust_tests(output, *CRATES, "--lib", "--bins")
    else:
        rust_tests(output, *CRATES, "--lib", "--bins", "--", "--skip", "mutations::")
        damaged_files(output)


def build_all(output: Output) -> None:
    output.run(*build.SITE)
    output.run(*build.AT_HOME)


def make_stage(stage: Stage, output: Output) -> None:
    """A cloud that knows nothing of earlier runs, with the site's pages from the HTTP API."""
    cloud.forget(stage)
    cloud.start(stage)
    output.run(sys.executable, "-m", "infra.deploy", stage.name)
    hosted.introduce(stage)
    Wiring(stage).settle()


def templates(output: Output) -> None:
    # By their files: those in infra/tests/cloud ask a deployed stage.
    python_tests(output, *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("infra/tests/test_*.py")))


def edge(output: Output) -> None:
    reporters = ["--test-reporter=dot", "--test-reporter-destination=stdout", "--test-reporter=junit"]
    output.run("node", "--test", *reporters, f"--test-reporter-destination={output.report()}", "infra/edge/")


def rooms(output: Output) -> None:
    rust_tests(output, *CRATES, "--test", "*", **STAGE.environment, SHOEBOX_STAGE=STAGE.name)


def browser(output: Output) -> None:
    told = {"SHOEBOX_STAGE": BROWSER.name, "SHOEBOX_REPORT": str(output.report())}
    output.run("npx", "playwright", "test", folder="end2end", **told, **proof.environment(BROWSER))


def wiring(output: Output) -> None:
    python_tests(output, "infra/tests/cloud", SHOEBOX_STAGE=STAGE.name)


def api(output: Output) -> None:
    output.run(sys.executable, "-m", "infra.local.api", STAGE.name, str(output.report()), SHOEBOX_STAGE=STAGE.name)


def used_grants(output: Output) -> None:
    wrong = grants.check([STAGE, BROWSER])
    for line in wrong:
        output.line(line)
    if wrong:
        raise PartFailed("roles may do too much or too little")


PARTS = [
    Part("format", lambda output: output.run("cargo", "fmt", "--all", "--check")),
    Part("rules", lambda output: output.run(sys.executable, "-m", "infra.local.rules")),
    Part("audit", lambda output: output.run(sys.executable, "-m", "infra.local.audit")),
    Part("types", lambda output: output.run("npx", "tsc", folder="end2end")),
    Part("edge", edge),
    Part("templates", templates),
    Part("build", build_all, lane="cargo"),
    Part("lint", lint, ("build",), lane="cargo"),
    Part("unit", unit, ("lint",), lane="cargo"),
    Part("cloud", lambda output: make_stage(STAGE, output), ("lint",), after=("unit",)),
    Part("rooms", rooms, ("cloud",), lane="cargo"),
    Part("wiring", wiring, ("cloud",), after=("rooms",)),
    Part("api", api, ("cloud",), after=("wiring",)),
    # By itself: it takes both processors, and windows that wait for a busy server draw meanwhile, which takes more of them.
    Part("site", lambda output: make_stage(BROWSER, output), ("lint",), after=("api",)),
    Part("browser", browser, ("site",)),
    # Last: it looks at what all the others made the functions do.
    Part("grants", used_grants, ("rooms", "browser", "wiring", "api")),
]


def main(names: list[str]) -> int:
    interrupts.handle()
    try:
        return 0 if run_parts(chosen(PARTS, names), (build.Failed,)) else 1
    finally:
        for stage in (STAGE, BROWSER):
            cloud.stop(stage)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
