"""Asks the running API everything that its document allows and much that it does not, by schemathesis.

    python -m infra.local.api STAGE [REPORT]

REPORT is a file for the tests' times, as JUnit has them.
"""

import subprocess
import sys
from urllib.parse import urlsplit

from infra.local.tokens import access_token
from infra.stage import ROOT, Stage
from infra.tests.cloud.test_api import PASSWORD, Account

TOOL = ROOT / ".tools/schemathesis/bin/schemathesis"
# Data of the right form may still name a photo that is not there, or bytes that have not arrived; and a photo in the
# trash is still there.
LEFT_OUT = "positive_data_acceptance,use_after_free"


def ask(stage: Stage, report: str | None) -> int:
    """Answers 0 when the API does as its document says."""
    host = urlsplit(stage.setting("site-address")).netloc
    token = access_token(stage, Account("schemathesis").email, PASSWORD)
    # Only browsers know that every *.localhost is this machine.
    where = f"{stage.endpoint}/api/v1"
    headers = ["--header", f"Host: {host}", "--header", f"Authorization: Bearer {token}"]
    limits = ["--max-examples", "40", "--max-redirects", "0", "--exclude-checks", LEFT_OUT, "--seed", "1"]
    reported = ["--report", "junit", "--report-junit-path", report] if report else []
    command = [TOOL, "run", f"{where}/openapi.json", "--url", where, *headers, *limits, *reported, "--no-color", "--suppress-health-check", "all"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(ask(Stage.named(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
