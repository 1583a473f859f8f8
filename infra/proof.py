"""Runs the browser's tests against a stage, wherever it is.

    python -m infra.proof STAGE
"""

import os
import shutil
import subprocess
import sys

from infra import secret
from infra.stage import ROOT, Stage


def environment(stage: Stage) -> dict[str, str]:
    """What the browser's tests are told: the address, the owner's code, the local mail, the browser."""
    told = {"SHOEBOX_ADDRESS": stage.setting("site-address"), "SHOEBOX_OWNER_CODE": secret.read(stage)["owner_code"]}
    if stage.at_home:
        told["SHOEBOX_MAIL"] = f"{stage.endpoint}/_ministack/ses/messages"
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return told | ({"CHROMIUM": browser} if browser else {})


def main(stage: Stage) -> int:
    command = ["npx", "playwright", "test"]
    return subprocess.run(command, cwd=ROOT / "end2end", env=os.environ | environment(stage)).returncode


if __name__ == "__main__":
    sys.exit(main(Stage.named(sys.argv[1])))
