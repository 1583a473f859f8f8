"""Runs the browser tests against a deployed stage.

    python -m infra.proof STAGE
"""

import os
import shutil
import subprocess
import sys

from infra import secret
from infra.stage import ROOT, Stage


def environment(stage: Stage) -> dict[str, str]:
    """The browser tests' environment variables: site address, owner code, local mailbox, browser."""
    variables = {"SHOEBOX_ADDRESS": stage.setting("site-address"), "SHOEBOX_OWNER_CODE": secret.read(stage)["owner_code"]}
    if stage.is_local:
        variables["SHOEBOX_MAIL"] = f"{stage.endpoint}/_ministack/ses/messages"
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return variables | ({"CHROMIUM": browser} if browser else {})


def main(stage: Stage) -> int:
    command = ["npx", "playwright", "test"]
    return subprocess.run(command, cwd=ROOT / "end2end", env=os.environ | environment(stage)).returncode


if __name__ == "__main__":
    sys.exit(main(Stage.named(sys.argv[1])))
