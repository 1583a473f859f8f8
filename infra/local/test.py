"""`make test`: everything that CI runs, with the times of parts and slow tests.

    python -m infra.local.test [PART...]

With names, only those parts and their dependencies run. Independent parts run in parallel. The browser tests have a separate local cloud.
"""

import re
import shutil
import sys

from infra import build, proof
from infra.local import cloud, grants, hosted, interrupts
from infra.local.suite import Output, Part, PartFailed, chosen, run_parts
from infra.root import ROOT
from infra.stack_parameters import StageStacks
from infra.stage import Stage

STAGE = Stage.named("test")
BROWSER = Stage.named("browser")
CRATES = ["-p", "app", "-p", "messages", "-p", "imaging", "-p", "server", "--features", "server/separate", "--locked"]
"""Always built together: separately, their shared dependencies would be compiled with other features."""
ALONE = [["-p", "model", "--all-features", "--locked"], ["-p", "score", "--locked"]]
"""Built separately: their dependencies enable features of crates that the SDK also uses."""
WASM = ["--target", "wasm32-unknown-unknown"]
CLIPPY = {"RUSTC_WORKSPACE_WRAPPER": "clippy-driver"}
"""Runs clippy while compiling tests, which reuses the build's dependencies; `cargo clippy` would check all of them again."""
WARNED = re.compile(r"warning: `[\w-]+` \(.+\) generated \d+ warning")
"""cargo also prints this line for crates that it does not compile again."""
NEXTEST_REPORT = ROOT / "target/nextest/default/junit.xml"
"""As in `.config/nextest.toml`."""


def rust_tests(output: Output, *arguments: str, **environment: str) -> None:
    """Runs Rust tests, with nextest if it is installed, since only nextest reports each test's time."""
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
    """Tests that measure their process's memory, so each needs a process or a turn of its own."""
    if shutil.which("cargo-nextest"):
        rust_tests(output, *CRATES, "--lib", "mutations::", **environment)
    else:
        output.run("cargo", "test", *CRATES, "--lib", "mutations::", "--", "--test-threads=1", **CLIPPY, **environment)


def lint(output: Output) -> None:
    """Compiles all tests and fails on warnings, including clippy's."""
    build_tests = ["nextest", "run", "--no-run"] if shutil.which("cargo-nextest") else ["test", "--no-run"]
    for crates in (CRATES, *ALONE):
        output.run("cargo", *build_tests, "--all-targets", *crates, forbidden=WARNED, **CLIPPY)
    # The frontend separately, since its features must not reach the server; and in a separate folder, so that browsers do not get what
    # clippy compiled.
    output.run("cargo", "build", "-p", "frontend", *WASM, "--profile", "wasm-dev", "--target-dir", "target/lint", "--locked", forbidden=WARNED, **CLIPPY)


def unit(output: Output) -> None:
    rust_tests(output, *ALONE[0])
    if shutil.which("cargo-nextest"):
        rust_tests(output, *CRATES, "--lib", "--bins")
    else:
        rust_tests(output, *CRATES, "--lib", "--bins", "--", "--skip", "mutations::")
        damaged_files(output)


def build_all(output: Output) -> None:
    output.run(*build.SITE)
    output.run(*build.LOCAL_FUNCTIONS)


def make_stage(stage: Stage, output: Output) -> None:
    """Deploys to a new local cloud, with the site's pages from the HTTP API."""
    cloud.forget(stage)
    cloud.start(stage)
    output.run(sys.executable, "-m", "infra.deploy", stage.name)
    hosted.configure(stage)
    StageStacks(stage).propagate()


def templates(output: Output) -> None:
    # By file name: those in infra/tests/cloud need a deployed stage.
    python_tests(output, *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("infra/tests/test_*.py")))


def edge(output: Output) -> None:
    reporters = ["--test-reporter=dot", "--test-reporter-destination=stdout", "--test-reporter=junit"]
    output.run("node", "--test", *reporters, f"--test-reporter-destination={output.report()}", "infra/edge/")


def server(output: Output) -> None:
    rust_tests(output, *CRATES, "--test", "*", **STAGE.environment, SHOEBOX_STAGE=STAGE.name)


def browser(output: Output) -> None:
    variables = {"SHOEBOX_STAGE": BROWSER.name, "SHOEBOX_REPORT": str(output.report())}
    output.run("npx", "playwright", "test", folder="end2end", **variables, **proof.environment(BROWSER))


def integration(output: Output) -> None:
    python_tests(output, "infra/tests/cloud", SHOEBOX_STAGE=STAGE.name)


def api(output: Output) -> None:
    output.run(sys.executable, "-m", "infra.local.api", STAGE.name, str(output.report()), SHOEBOX_STAGE=STAGE.name)


def used_grants(output: Output) -> None:
    wrong = grants.check([STAGE, BROWSER])
    for line in wrong:
        output.line(line)
    if wrong:
        raise PartFailed("roles have too many or too few permissions")


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
    Part("server", server, ("cloud",), lane="cargo"),
    Part("integration", integration, ("cloud",), after=("server",)),
    Part("api", api, ("cloud",), after=("integration",)),
    # Not in parallel with other tests: it uses both CPUs, and pages that wait for a busy server use even more.
    Part("site", lambda output: make_stage(BROWSER, output), ("lint",), after=("api",)),
    Part("browser", browser, ("site",)),
    # Last: it checks the calls recorded during all other parts.
    Part("grants", used_grants, ("server", "browser", "integration", "api")),
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
