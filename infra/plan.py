"""A deploy's dry run: packages, lints, and prints what would be deployed where. It makes no network requests."""

import argparse
import os
import shutil
import subprocess

from pathlib import Path

from infra import concurrency, functions, site
from infra.packages import USUAL_ARCHITECTURE, NotBuilt, binary, package
from infra.stage import EDGE_REGION, ROOT, STACKS, Stage
from infra.templates import body, packaged

# CloudFormation's limit for a TemplateBody.
_BODY_LIMIT = 51_200


def write(stage: Stage) -> list:
    """Writes the packaged templates to files, for the linters."""
    folder = ROOT / "target/stacks" / stage.name
    folder.mkdir(parents=True, exist_ok=True)
    placeholders = {function: {"S3Bucket": "shoebox-artifacts", "S3Key": f"{function}.zip"} for function in functions.ALL}
    paths = []
    for kind in STACKS:
        path = folder / f"{kind}.json"
        path.write_text(body(packaged(kind, placeholders)))
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
    """Runs checkov; its settings list the skipped checks with reasons."""
    # A relative path, since checkov takes absolute paths of some lengths for secrets.
    command = [ROOT / ".tools/checkov/bin/checkov", "--config-file", ROOT / "infra/local/checkov.yaml", "--directory", "."]
    try:
        return subprocess.run(command, cwd=folder, env=os.environ | {"LOG_LEVEL": "ERROR"}, check=False).returncode
    except FileNotFoundError:
        print("  checkov is missing: run `make setup`")
        return 1


def show(stage: Stage, options: argparse.Namespace) -> int:
    """Prints the plan; returns 0 if the templates are valid."""
    architecture = options.architecture or USUAL_ARCHITECTURE
    target = f"the local cloud on port {stage.port}" if stage.is_local else "AWS"
    print(f"Stage {stage.name} in {target}. This is a dry run: nothing is deployed.\n")
    paths = write(stage)
    for kind, path in zip(STACKS, paths):
        size = path.stat().st_size
        region = EDGE_REGION if kind == "edge" else "the stage's region" if not stage.is_local else stage.region
        print(f"  stack    {stage.stack(kind):<34}{size:>9,} bytes -> {region}")
        if size > _BODY_LIMIT:
            print(f"           exceeds CloudFormation's limit of {_BODY_LIMIT:,} bytes")
            return 1
    for function in functions.ALL:
        try:
            made = package(stage, function, architecture, options.binaries, site.hashes(options.site))
            print(f"  function {function:<34}{len(made.content):>9,} bytes -> {made.key}")
        except NotBuilt:
            missing = binary(function, architecture, options.binaries)
            print(f"  function {function:<34}not built yet: {missing.relative_to(ROOT) if missing.is_relative_to(ROOT) else missing}")
    for path in site.files(options.site):
        caching = "cached for ever" if "immutable" in site.headers(path)["CacheControl"] else "revalidated"
        print(f"  asset    {path.relative_to(options.site).as_posix():<34}{path.stat().st_size:>9,} bytes, {caching}")
    queued = concurrency.by_queues()
    print(f"  at once  {queued} executions by queues, and others: the account's limit should be at least {queued + concurrency.OTHER_EXECUTIONS}")
    valid = lint(paths) == 0 and security(paths[0].parent) == 0
    print(f"\n  The templates are {'valid' if valid else 'not valid: see above'}.")
    return 0 if valid else 1
