"""Checks the recorded calls with a second IAM policy evaluator: npm's pbac, which shares no code with the local cloud's.

Each call of a role must be allowed by that role's policies, and variations of it that the role does not need must be denied: another
account or bucket, other rows, another sender, another action. A transaction's rows are recorded one by one and, for each action, all
together, since AWS does not document which of the two it evaluates.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from infra.root import ROOT
from infra.stage import LOCAL_REGION

KEYS = "dynamodb:LeadingKeys"
SENDER = "ses:FromAddress"
OTHER_ACCOUNT = "111111111111"
OTHER_NAME = "elsewhere"


@dataclass(frozen=True)
class Role:
    """A role's name, policies and recorded calls."""

    name: str
    policies: list[dict]
    calls: list[dict]


def key_sets(items: list[list[str]]) -> list[list[str]]:
    """The sets of partition keys to evaluate one action with, given each item's keys."""
    # AWS does not document whether it evaluates a transaction's items one by one or together: both must be granted.
    return items if len(items) == 1 else [*items, sorted(set().union(*items))]


def context(call: dict) -> dict:
    """The condition keys that AWS sets for a recorded call."""
    service = call["action"].partition(":")[0]
    if service == "dynamodb":
        return {KEYS: call["keys"]}
    return {SENDER: call["keys"][0]} if service == "ses" else {}


def near_misses(call: dict, confined: bool) -> Iterator[dict]:
    """Calls that differ from a recorded one in one thing and are not needed. `confined`: the role is limited to some partition keys."""
    service, resource = call["action"].partition(":")[0], call["resource"]
    yield call | {"action": f"{service}:TagResource"}
    if resource == "*":
        if service == "sns":
            # The recorded target was a phone number; topics have ARNs.
            yield call | {"resource": f"arn:aws:sns:{LOCAL_REGION}:{OTHER_ACCOUNT}:{OTHER_NAME}"}
        return
    parts = resource.split(":", 5)
    if parts[4]:
        yield call | {"resource": ":".join([*parts[:4], OTHER_ACCOUNT, parts[5]])}
    if service == "s3":
        bucket, slash, key = parts[5].partition("/")
        yield call | {"resource": f"arn:aws:s3:::{OTHER_NAME}{slash}{key}"}
        if slash:
            yield call | {"resource": f"arn:aws:s3:::{bucket}/{OTHER_NAME}"}
    if service == "dynamodb" and confined and "/index/" not in resource:
        yield call | {"keys": [*call["keys"], f"{OTHER_NAME.upper()}#1"]}
    if service == "ses":
        yield call | {"keys": [f"{OTHER_NAME}@shoebox.test"]}


def allowed(roles: list[Role]) -> list[list[bool]]:
    """pbac's decision on each call of each role.

    # Errors
    `ValueError` if pbac does not support a policy.
    """
    request = [
        {"policies": role.policies, "calls": [{"action": call["action"], "resource": call["resource"], "context": context(call)} for call in role.calls]}
        for role in roles
    ]
    command = ["node", "infra/local/decide.mjs"]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(request), capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stderr)
    return json.loads(done.stdout)


def described(call: dict) -> str:
    """A readable description of a call."""
    return f"{call['action']} on {call['resource']}" + (f" for {', '.join(call['keys'])}" if call["keys"] else "")


def disputed(roles: list[Role]) -> Iterator[str]:
    """Calls on which pbac disagrees: recorded as allowed and denied, or not needed and allowed."""
    recorded = [Role(role.name, role.policies, [call for call in role.calls if call["allowed"]]) for role in roles]
    cases = [(role, True, "denied by pbac") for role in recorded]
    cases += [(Role(role.name, role.policies, _all_near_misses(role)), False, "not needed but allowed by pbac") for role in recorded]
    for (role, expected, fault), decisions in zip(cases, allowed([role for role, _, _ in cases]), strict=True):
        yield from (f"{role.name}: {fault}, {described(call)}" for call, decision in zip(role.calls, decisions, strict=True) if decision != expected)


def _all_near_misses(role: Role) -> list[dict]:
    """The near misses of a role's calls, without duplicates."""
    confined = KEYS in json.dumps(role.policies)
    misses = [miss for call in role.calls for miss in near_misses(call, confined)]
    return list({json.dumps(miss): miss for miss in misses}.values())
