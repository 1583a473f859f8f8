"""The import rules: who may know whom.

    python -m infra.local.rules
"""

import re
import subprocess
import sys

from infra.stage import ROOT

_SDK = re.compile(r"\b(aws_sdk_\w+|aws_config|aws_smithy_\w+|aws_types|aws_credential_types)\b")


def _tree(*arguments: str) -> list[str]:
    command = ["cargo", "tree", "--edges", "normal", "--prefix", "none", "--locked", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return sorted({line.split()[0] for line in done.stdout.splitlines() if line.strip()})


def browser_without_sdk() -> list[str]:
    """Nothing of AWS is in what goes to the browser."""
    names = _tree("-p", "frontend", "--target", "wasm32-unknown-unknown")
    return [f"frontend depends on {name}" for name in names if name == "server" or name.startswith(("aws-", "aws_"))]


def sdk_in_one_place() -> list[str]:
    """The SDK's names stand under server/src/aws only."""
    wrong = []
    for folder in ("app", "frontend", "server"):
        for path in sorted((ROOT / folder).rglob("*.rs")):
            inside = path.relative_to(ROOT).as_posix()
            if inside.startswith(("server/src/aws/", "server/tests/")):
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if not line.lstrip().startswith("//") and _SDK.search(line):
                    wrong.append(f"{inside}:{number} names the SDK")
    return wrong


def model_on_serde_alone() -> list[str]:
    """The nouns need nothing but serde."""
    names = set(_tree("-p", "model", "--depth", "1")) - {"model", "serde"}
    return [f"model depends on {name}" for name in sorted(names)]


def main() -> int:
    wrong = browser_without_sdk() + sdk_in_one_place() + model_on_serde_alone()
    print("\n".join(wrong) or "The import rules hold.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
