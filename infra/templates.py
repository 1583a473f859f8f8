"""Converts the templates to JSON for CloudFormation, with files and function packages inserted.

Three short forms are not CloudFormation's: `Code: package:web` is the package of the function `web`, `file:edge/media.js` a file's content,
`hash:edge/media.js` a hash of that.
"""

import hashlib
import json
from pathlib import Path

import yaml

INFRA = Path(__file__).resolve().parent


class _Loader(yaml.CSafeLoader):
    pass


def _intrinsic(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def load(kind: str) -> dict:
    """The template of the stack `kind`, with unresolved short forms."""
    return yaml.load((INFRA / f"{kind}.yaml").read_text(), _Loader)


def packaged(kind: str, packages: dict[str, dict]) -> dict:
    """The template of the stack `kind`, ready to deploy; `packages` has the location of each function's package."""
    return _resolve(load(kind), packages)


def _resolve(value, packages):
    if isinstance(value, dict):
        return {key: _resolve(inner, packages) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(inner, packages) for inner in value]
    if isinstance(value, str) and value.startswith("package:"):
        return packages[value.removeprefix("package:")]
    if isinstance(value, str) and value.startswith("file:"):
        return (INFRA / value.removeprefix("file:")).read_text()
    if isinstance(value, str) and value.startswith("hash:"):
        return hashlib.sha256((INFRA / value.removeprefix("hash:")).read_bytes()).hexdigest()[:32]
    return value


def body(template: dict) -> str:
    return json.dumps(template, separators=(",", ":"))
