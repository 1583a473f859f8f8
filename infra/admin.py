"""Runs the operator's program, `server/src/bin/admin.rs`, against a stage.

    python -m infra.admin STAGE rebuild [--strict]

`rebuild` writes a lost table's rows again, from the sidecars in the bucket of originals: run it after `python -m infra.deploy STAGE
--new-table`. Rows that are in the table are never overwritten, so it may run more than once. It leaves with 1 where a sidecar cannot be
read; with --strict also where a photo has no original, or an original no sidecar.
"""

import os
import subprocess
import sys

import boto3

from infra import build
from infra.root import ROOT
from infra.stage import Stage
from infra.timing import fail

BINARY = ROOT / "target/debug/admin"


def environment(stage: Stage) -> dict[str, str]:
    """What the program needs to find the stage. Credentials are those that deploys use: the program itself knows no sign-in by SSO."""
    variables = {"SHOEBOX_STAGE": stage.name}
    if stage.is_local:
        return stage.environment | variables
    credentials = boto3.session.Session().get_credentials()
    if not credentials:
        raise SystemExit("No AWS credentials: set AWS_PROFILE, or sign in")
    frozen = credentials.get_frozen_credentials()
    variables |= {"AWS_REGION": stage.region, "AWS_ACCESS_KEY_ID": frozen.access_key, "AWS_SECRET_ACCESS_KEY": frozen.secret_key}
    return variables | ({"AWS_SESSION_TOKEN": frozen.token} if frozen.token else {})


def run(stage: Stage, *arguments: str) -> int:
    """Runs the program, which must have been built; answers its exit code."""
    sys.stdout.flush()
    return subprocess.run([BINARY, *arguments], env=os.environ | environment(stage)).returncode


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        return fail(__doc__)
    try:
        build.admin()
    except build.Failed as error:
        return fail(str(error))
    return run(Stage.named(arguments[0]), *arguments[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
