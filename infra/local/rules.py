"""Architecture rules that no compiler checks: dependencies between crates, wildcards in IAM policies, and style files.

    python -m infra.local.rules
"""

import re
import subprocess
import sys
from collections.abc import Iterator

import yaml

from infra.local import styles
from infra.stage import ROOT, STACKS

_SDK = re.compile(r"\b(aws_sdk_\w+|aws_config|aws_smithy_\w+|aws_types|aws_credential_types)\b")


CRATES = ("-p", "app", "-p", "messages", "-p", "imaging", "-p", "server")
"""The crates that are tested together."""
LOCAL = ("app ", "messages ", "imaging ", "server ")


def _tree(*arguments: str) -> list[str]:
    command = ["cargo", "tree", "--edges", "normal", "--prefix", "none", "--locked", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return sorted({line.split()[0] for line in done.stdout.splitlines() if line.strip()})


def browser_and_pixels_without_sdk() -> list[str]:
    """Neither the browser's code nor the image processing depends on the AWS SDK or the server."""
    trees = {"frontend": _tree("-p", "frontend", "--target", "wasm32-unknown-unknown"), "imaging": _tree("-p", "imaging")}
    return [f"{crate} depends on {name}" for crate, names in trees.items() for name in names if name == "server" or name.startswith(("aws-", "aws_"))]


def sdk_in_one_place() -> list[str]:
    """Only server/src/aws uses the AWS SDK."""
    wrong = []
    for folder in ("app", "frontend", "server"):
        for path in sorted((ROOT / folder).rglob("*.rs")):
            inside = path.relative_to(ROOT).as_posix()
            if inside.startswith(("server/src/aws/", "server/tests/")):
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if not line.lstrip().startswith("//") and _SDK.search(line):
                    wrong.append(f"{inside}:{number} uses the AWS SDK")
    return wrong


def model_on_serde_alone() -> list[str]:
    """The crate `model` depends only on serde."""
    names = set(_tree("-p", "model", "--depth", "1")) - {"model", "serde"}
    return [f"model depends on {name}" for name in sorted(names)]


def tests_compile_nothing_again() -> list[str]:
    """Dev-dependencies enable no further features of the functions' dependencies: otherwise the SDK would be compiled again for tests."""
    built = set(_features("-p", "server", "--edges", "normal,build,features"))
    tested = set(_features(*CRATES, "--edges", "normal,build,dev,features"))
    shared = {line.split(" feature ")[0] for line in built}
    return [f"tests enable {line}" for line in sorted(tested - built) if line.split(" feature ")[0] in shared and not line.startswith(LOCAL)]


def _features(*arguments: str) -> list[str]:
    """The lines `CRATE feature "NAME"` of `cargo tree`."""
    command = ["cargo", "tree", "--prefix", "none", "--locked", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    lines = (line.removesuffix(" (*)").removesuffix(" (command-line)") for line in done.stdout.splitlines())
    return [line for line in lines if " feature " in line]


def wildcards_without_reason(template: str) -> list[int]:
    """The lines of a template with a wildcard in a statement's Resource and no comment with the reason."""
    lines = template.splitlines()
    ends = {(text.end_mark.line, text.end_mark.column) for text in _resources(yaml.compose(template)) if "*" in text.value}
    return sorted({line + 1 for line, column in ends if not re.search(r"\s#\s*\w", lines[line][column:])})


def _resources(node: yaml.Node, inside: bool = False) -> Iterator[yaml.ScalarNode]:
    """Every scalar under a key `Resource`."""
    if isinstance(node, yaml.ScalarNode):
        if inside:
            yield node
    elif isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            yield from _resources(inner, inside)
    else:
        for key, inner in node.value:
            yield from _resources(inner, inside or key.value == "Resource")


def wildcards_with_reasons() -> list[str]:
    """Each wildcard in a Resource has a comment with its reason."""
    templates = {f"infra/{kind}.yaml": (ROOT / f"infra/{kind}.yaml").read_text() for kind in STACKS}
    return [f"{name}:{line} has a wildcard without a comment with its reason" for name, text in templates.items() for line in wildcards_without_reason(text)]


def classes_in_one_place() -> list[str]:
    """Each CSS class is defined in one style file."""
    return styles.defined_twice(styles.read(ROOT / "style"))


def main() -> int:
    rules = (
        browser_and_pixels_without_sdk,
        sdk_in_one_place,
        model_on_serde_alone,
        tests_compile_nothing_again,
        wildcards_with_reasons,
        classes_in_one_place,
    )
    wrong = [line for rule in rules for line in rule()]
    print("\n".join(wrong) or "All rules hold.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
