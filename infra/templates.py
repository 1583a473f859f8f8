"""Templates as CloudFormation gets them: JSON, with files put in and functions' packages named.

Two short forms are ours: `Code: door:web` is the package of that door, `file:edge/media.js` the text of that file.
"""

import json
from pathlib import Path

import yaml

INFRA = Path(__file__).resolve().parent


class _Loader(yaml.SafeLoader):
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
    """The template of the stack `kind`, with short forms left as they are."""
    return yaml.load((INFRA / f"{kind}.yaml").read_text(), _Loader)


def packaged(kind: str, packages: dict[str, dict]) -> dict:
    """The template of the stack `kind`, ready to send; `packages` says where each door's code lies."""
    return _resolve(load(kind), packages)


def _resolve(value, packages):
    if isinstance(value, dict):
        return {key: _resolve(inner, packages) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(inner, packages) for inner in value]
    if isinstance(value, str) and value.startswith("door:"):
        return packages[value.removeprefix("door:")]
    if isinstance(value, str) and value.startswith("file:"):
        return (INFRA / value.removeprefix("file:")).read_text()
    return value


def body(template: dict) -> str:
    return json.dumps(template, separators=(",", ":"))
