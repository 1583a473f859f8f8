"""What another evaluator of IAM policies says of the recorded calls: npm's pbac, which shares no code with the local cloud's own.

Each call that a role made must be allowed by that role's policies alone, and each call beside it that the role has no need of denied: to
another account or bucket, for another kind of rows, from another sender, by another action. Rows of one transaction are recorded one by
one and, for each action, all at once: AWS does not say which of the two it judges.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from infra.root import ROOT
from infra.stage import HOME_REGION

KEYS = "dynamodb:LeadingKeys"
SENDER = "ses:FromAddress"
OTHER_ACCOUNT = "111111111111"
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Role:
    """A role's name, its policies, and what was asked for with it."""

    name: str
    policies: list[dict]
    calls: list[dict]


def key_sets(items: list[list[str]]) -> list[list[str]]:
    """The keys that one action of a call may be judged by, given those of its items."""
    # AWS does not say whether it judges a transaction's items one by one or all at once: here they must be granted either way.
    return items if len(items) == 1 else [*items, sorted(set().union(*items))]


def context(call: dict) -> dict:
    """The values of the condition keys that AWS fills in for a recorded call."""
    service = call["action"].partition(":")[0]
    if service == "dynamodb":
        return {KEYS: call["keys"]}
    return {SENDER: call["keys"][0]} if service == "ses" else {}


def near_misses(call: dict, confined: bool) -> Iterator[dict]:
    """Calls beside a recorded one that its role has no need of, each other than it in one thing. `confined`: the role is to some kinds of rows."""
    service, resource = call["action"].partition(":")[0], call["resource"]
    yield call | {"action": f"{service}:TagResource"}
    if resource == "*":
        if service == "sns":
            # What was sent to was a number; topics have names.
            yield call | {"resource": f"arn:aws:sns:{HOME_REGION}:{OTHER_ACCOUNT}:{ELSEWHERE}"}
        return
    parts = resource.split(":", 5)
    if parts[4]:
        yield call | {"resource": ":".join([*parts[:4], OTHER_ACCOUNT, parts[5]])}
    if service == "s3":
        bucket, slash, key = parts[5].partition("/")
        yield call | {"resource": f"arn:aws:s3:::{ELSEWHERE}{slash}{key}"}
        if slash:
            yield call | {"resource": f"arn:aws:s3:::{bucket}/{ELSEWHERE}"}
    if service == "dynamodb" and confined and "/index/" not in resource:
        yield call | {"keys": [*call["keys"], f"{ELSEWHERE.upper()}#1"]}
    if service == "ses":
        yield call | {"keys": [f"{ELSEWHERE}@shoebox.test"]}


def allowed(roles: list[Role]) -> list[list[bool]]:
    """Whether each role may make each of its calls.

    # Errors
    `ValueError` where pbac cannot judge a policy.
    """
    asked = [
        {"policies": role.policies, "calls": [{"action": call["action"], "resource": call["resource"], "context": context(call)} for call in role.calls]}
        for role in roles
    ]
    command = ["node", "infra/local/decide.mjs"]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stderr)
    return json.loads(done.stdout)


def described(call: dict) -> str:
    """A call as people read it."""
    return f"{call['action']} on {call['resource']}" + (f" for {', '.join(call['keys'])}" if call["keys"] else "")


def disputed(roles: list[Role]) -> Iterator[str]:
    """What this evaluator denies of what was allowed, and what it allows that nobody needs."""
    made = [Role(role.name, role.policies, [call for call in role.calls if call["allowed"]]) for role in roles]
    judged = [(role, True, "denied by pbac") for role in made]
    judged += [(Role(role.name, role.policies, _beside(role)), False, "needed by nobody and allowed by pbac") for role in made]
    for (role, wanted, fault), answers in zip(judged, allowed([role for role, _, _ in judged]), strict=True):
        yield from (f"{role.name}: {fault}, {described(call)}" for call, answer in zip(role.calls, answers, strict=True) if answer != wanted)


def _beside(role: Role) -> list[dict]:
    """The near misses of a role's calls, each once."""
    confined = KEYS in json.dumps(role.policies)
    misses = [miss for call in role.calls for miss in near_misses(call, confined)]
    return list({json.dumps(miss): miss for miss in misses}.values())
