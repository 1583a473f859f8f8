"""A deploy's dry run: packages, lints, and says what would go where. It touches no network."""

import argparse
import os
import shutil
import subprocess

from pathlib import Path

from infra import concurrency, site
from infra.packages import USUAL_ARCHITECTURE, NotBuilt, binary, doors, package
from infra.stage import EDGE_REGION, ROOT, STACKS, Stage
from infra.templates import body, packaged

# CloudFormation takes no longer body.
_BODY_LIMIT = 51_200


def write(stage: Stage) -> list:
    """The packaged templates as files, for the linter."""
    folder = ROOT / "target/stacks" / stage.name
    folder.mkdir(parents=True, exist_ok=True)
    stand_in = {door: {"S3Bucket": "shoebox-artifacts", "S3Key": f"{door}.zip"} for door in doors()}
    paths = []
    for kind in STACKS:
        path = folder / f"{kind}.json"
        path.write_text(body(packaged(kind, stand_in)))
        paths.append(path)
    return paths


def lint(paths: list) -> int:
    linter = shutil.which("cfn-lint")
    if not linter:
        print("  cfn-lint is missing: run `make setup`")
        return 1
    by_region = {}
    for path in paths:
        by_region.setdefault(EDGE_REGION if path.stem == "edge" else "eu-west-1", []).append(str(path))
    codes = [subprocess.run([linter, "--regions", region, "--", *files], check=False).returncode for region, files in by_region.items()]
    return max(codes)


def security(folder: Path) -> int:
    """Asks checkov; what need not hold, and why, stands in its settings."""
    # By a short path: some lengths of a whole one look to it like a secret.
    command = [ROOT / ".tools/checkov/bin/checkov", "--config-file", ROOT / "infra/local/checkov.yaml", "--directory", "."]
    try:
        return subprocess.run(command, cwd=folder, env=os.environ | {"LOG_LEVEL": "ERROR"}, check=False).returncode
    except FileNotFoundError:
        print("  checkov is missing: run `make setup`")
        return 1


def show(stage: Stage, options: argparse.Namespace) -> int:
    """Prints the plan; answers 0 when the templates are sound."""
    architecture = options.architecture or USUAL_ARCHITECTURE
    place = f"the local cloud on port {stage.port}" if stage.at_home else "AWS"
    print(f"Stage {stage.name} in {place}. Nothing is sent: this is a dry run.\n")
    paths = write(stage)
    for kind, path in zip(STACKS, paths):
        size = path.stat().st_size
        region = EDGE_REGION if kind == "edge" else "the stage's region" if not stage.at_home else stage.region
        print(f"  stack    {stage.stack(kind):<28}{size:>9,} bytes -> {region}")
        if size > _BODY_LIMIT:
            print(f"           longer than CloudFormation's {_BODY_LIMIT:,} bytes")
            return 1
    for door in doors():
        try:
            made = package(stage, door, architecture, options.binaries)
            print(f"  door     {door:<28}{len(made.content):>9,} bytes -> {made.key}")
        except NotBuilt:
            missing = binary(door, architecture, options.binaries)
            print(f"  door     {door:<28}not built yet: {missing.relative_to(ROOT) if missing.is_relative_to(ROOT) else missing}")
    for path in site.files(options.site):
        kept = "for ever" if "immutable" in site.headers(path)["CacheControl"] else "asked each time"
        print(f"  asset    {path.relative_to(options.site).as_posix():<28}{path.stat().st_size:>9,} bytes, {kept}")
    queued = concurrency.by_queues()
    print(f"  at once  {queued} functions by queues, and pages beside them: the account should let run {queued + concurrency.BESIDE_QUEUES}")
    sound = lint(paths) == 0 and security(paths[0].parent) == 0
    print(f"\n  The templates are {'sound' if sound else 'not sound: see above'}.")
    return 0 if sound else 1
