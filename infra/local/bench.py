"""`make bench`: builds in release mode, deploys to a separate local cloud, and measures there.

    python -m infra.local.bench [WHAT]

Each bench prints a table and writes target/bench/<what>.json.
"""

import os
import subprocess
import sys
from collections.abc import Callable

from infra import build, deploy, functions, proof
from infra.local import builds, cloud, cost, interrupts, pixels
from infra.stage import ROOT, Stage
from infra.timing import fail, step

STAGE = Stage.named("bench")
LARGE_BYTES = 500_000
FIGURES = ROOT / "target/bench"
BINARIES = ROOT / "target/release"
# Not the folder of debug builds: pages and client must come from the same build.
CLIENT = ROOT / "target/bench/site"


class BenchFailed(Exception):
    """A bench that failed to measure."""


def script(name: str, *arguments: object) -> None:
    environment = os.environ | STAGE.environment | proof.environment(STAGE) | {"SHOEBOX_STAGE": STAGE.name}
    command = ["node", f"end2end/bench/{name}.mjs", *map(str, arguments)]
    if subprocess.run(command, cwd=ROOT, env=environment).returncode:
        raise BenchFailed(f"The bench {name} failed; its cloud's log is .local/{STAGE.name}/log")


def journey() -> None:
    script("journey", ROOT / "server/tests/photos", BINARIES / "examples/develop_photo", FIGURES)


def size() -> None:
    script("size", CLIENT / "pkg", BINARIES, FIGURES, *functions.ALL)


def uploads() -> None:
    script("uploads", ROOT / "server/tests/photos", FIGURES)


def timeline() -> None:
    script("timeline", ROOT / "server/tests/photos", FIGURES)


def lighthouse() -> None:
    script("lighthouse", ROOT / "server/tests/photos", FIGURES)


def run_pixels() -> None:
    """Uses the large photos among the test fixtures."""
    photos = [photo for photo in sorted((ROOT / "server/tests/photos").glob("*.jpg")) if photo.stat().st_size >= LARGE_BYTES]
    try:
        pixels.report(photos, BINARIES / "examples/develop_photo", BINARIES / "score_pictures", FIGURES)
    except pixels.NotDeveloped as error:
        raise BenchFailed(error) from error


def run_cost() -> None:
    try:
        cost.measure(STAGE, FIGURES)
    except cost.NotMeasured as error:
        raise BenchFailed(error) from error


BENCHES: dict[str, Callable[[], None]] = {
    "size": size,
    "journey": journey,
    "uploads": uploads,
    "pixels": run_pixels,
    "timeline": timeline,
    "lighthouse": lighthouse,
    "cost": run_cost,
}
WITHOUT_CLOUD = {"pixels"}
"""Benches that need only the image processing programs."""
BUILD = "build"
"""Measures builds; takes half an hour, so it runs only by itself and when named."""


def build_pixels() -> None:
    with step("build the image processing", usual=240) as running:
        build.run(["cargo", "build", "--release", "-p", "imaging", "--examples"], running)
        build.run(["cargo", "build", "--release", "-p", "score"], running)


def build_site() -> None:
    with step("build the functions for release", usual=480) as running:
        build.run(["cargo", "build", *build.release_arguments()], running)
    with step("build the client for release", usual=240) as running:
        build.run([*build.SITE, "--release", "--frontend-only"], running, LEPTOS_SITE_ROOT=str(CLIENT))


def run_in_new_cloud(bench: Callable[[], None]) -> None:
    """Runs a bench on a stage that nobody has used: its first account becomes the owner."""
    try:
        with step("local cloud"):
            cloud.forget(STAGE)
            cloud.start(STAGE)
        if deploy.main([STAGE.name, "--binaries", str(BINARIES), "--site", str(CLIENT)]):
            raise BenchFailed("the deploy failed")
        bench()
    finally:
        cloud.stop(STAGE)


def run_all(names: list[str]) -> None:
    for name in names:
        print(f"\n── {name}", flush=True)
        if name in WITHOUT_CLOUD:
            BENCHES[name]()
        else:
            run_in_new_cloud(BENCHES[name])


def measure(names: list[str]) -> None:
    if names == [BUILD]:
        try:
            builds.measure(STAGE, FIGURES)
        except builds.NotServed as error:
            raise BenchFailed(error) from error
        finally:
            cloud.stop(STAGE)
        return
    build_pixels()
    if not WITHOUT_CLOUD.issuperset(names):
        build_site()
    run_all(names)


def main(arguments: list[str]) -> int:
    names = [name for name in arguments if name] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES and names != [BUILD]]
    if unknown:
        return fail(f"Unknown bench: {', '.join(unknown)}. Known: {', '.join(BENCHES)}; and {BUILD}, which runs only by itself")
    interrupts.handle()
    try:
        measure(names)
    except (build.Failed, BenchFailed) as error:
        return fail(f"\n{error}")
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
