"""What roles ask of the local cloud, and whether they may: each distinct question a line in the file SHOEBOX_CALLS. Where there is a file
SHOEBOX_READS, each read of the table is a line in it; where there is one SHOEBOX_TALLY, what each call takes of what is billed.

MiniStack asks less than AWS does, so what it asks is filled in: on each of several parameters, and on the key-value store,
where it asks on `*`; with the partition keys of the rows that a call names and the sender of a mail, which it does not look
at; about the recipients of a mail and its configuration set; and whether one may know that an object is not there.
"""

import inspect
import json
import os
import re
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import unquote

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import s3, sts

from infra.local.evaluator import KEYS, SENDER, key_sets
from infra.local.patches import expect
from infra.local.read_log import READS, ReadLog
from infra.local.tally import Tally

# The request whose permission is asked; the evaluator is told little of it. Nothing where the resource is not read from it.
_body: ContextVar[bytes] = ContextVar("shoebox_body", default=b"")


def _partition_keys(request: dict) -> list[str]:
    """Of the rows that a call names: the table's key is `pk`, an index's `<index>_pk`."""
    if "KeyConditionExpression" in request:
        name = f"{request['IndexName']}_pk" if "IndexName" in request else "pk"
        value = re.search(rf"\b{name}\s*=\s*(:\w+)", request["KeyConditionExpression"])[1]
        return [request["ExpressionAttributeValues"][value]["S"]]
    rows = [request[part] for part in ("Item", "Key") if part in request]
    for batch in request.get("RequestItems", {}).values():
        writes = [write for each in batch for write in each.values()] if isinstance(batch, list) else []
        rows += [write.get("Item") or write["Key"] for write in writes] or batch["Keys"]
    return [row["pk"]["S"] for row in rows]


def _questions(action: str, resource: str, region: str, context: dict) -> Iterator[tuple[str, str, dict]]:
    """What AWS asks where MiniStack asks for one action on one resource: actions, resources and condition keys."""
    if action == "ssm:GetParameters":
        for name in json.loads(_body.get())["Names"]:
            yield action, f"arn:aws:ssm:{region}:{get_account_id()}:parameter{name}", context
    elif action == "ses:SendEmail":
        request = json.loads(_body.get())
        sender, to = request["FromEmailAddress"], request["Destination"]["ToAddresses"]
        # In the sandbox SES also asks about the recipients.
        places = [f"identity/{identity}" for identity in (sender, *to)]
        if "ConfigurationSetName" in request:
            places.append(f"configuration-set/{request['ConfigurationSetName']}")
        for place in places:
            yield action, f"arn:aws:ses:{region}:{get_account_id()}:{place}", {**context, SENDER: sender}
    elif action.startswith("dynamodb:"):
        request = json.loads(_body.get())
        kinds = iam_actions._DYNAMODB_TRANSACT_ITEM_ACTIONS
        items = [item[kind] for item in request.get("TransactItems", []) for kind in item if kinds[kind] == action]
        for each in key_sets([_partition_keys(item) for item in items or [request]]):
            yield action, resource, {**context, KEYS: each}
    else:
        yield action, resource, context
    if action == "s3:GetObject":
        bucket, _, key = resource.removeprefix("arn:aws:s3:::").partition("/")
        if bucket in s3._buckets and key not in s3._buckets[bucket]["objects"]:
            yield "s3:ListBucket", f"arn:aws:s3:::{bucket}", {}


class _Calls:
    """The lines, each once, also over restarts."""

    def __init__(self, path: Path):
        self._file = path.open("a+", buffering=1)
        self._file.seek(0)
        self._known = set(self._file)

    def note(self, **call) -> None:
        line = json.dumps(call) + "\n"
        if line not in self._known:
            self._known.add(line)
            self._file.write(line)


def patch() -> None:
    """Asks all that AWS would ask, and notes what is asked for roles."""
    dispatch = inspect.getsource(app._dispatch_service_request)
    expect("_dispatch_service_request", dispatch, "from ministack.core.iam_evaluator import AuthError, enforce, pin_request_caller")
    expect("_dispatch_service_request", dispatch, "service, method, path, headers, body, routing_params, region, get_account_id()")
    extract, enforce = iam_actions.extract_resource_arn, iam_evaluator.enforce
    calls = _Calls(Path(os.environ["SHOEBOX_CALLS"]))
    reads = ReadLog(Path(os.environ["SHOEBOX_READS"])) if "SHOEBOX_READS" in os.environ else None
    tally = Tally(Path(os.environ["SHOEBOX_TALLY"])) if "SHOEBOX_TALLY" in os.environ else None

    def extract_and_keep(service, method, path, headers, body, *others):
        _body.set(body)
        store = re.match(r"/key-value-stores/(arn:[^/]+/[^/]+)", unquote(path))
        return store[1] if store else extract(service, method, path, headers, body, *others)

    def enforce_each(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        caller = sts._sessions.get(access_key_id or "", {}).get("Arn", "")
        role = iam_evaluator._role_name_from_assumed_arn(caller)
        if not role:
            return enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
        for action, resource, context in _questions(iam_action, resource_arn, region, service_context or {}):
            denied = enforce(access_key_id, action, service, region, resource, context)
            # A signature that is wrong or too old says nothing of the role; nor does it lack what was asked beside its action.
            if denied is None or action == iam_action and not isinstance(denied, iam_evaluator.AuthError):
                keys = [context[SENDER]] if SENDER in context else context.get(KEYS, [])
                calls.note(role=role, action=action, resource=resource, keys=keys, allowed=denied is None)
            if denied:
                return denied
        if reads and iam_action in READS:
            reads.note(role, iam_action, _body.get())
        if tally:
            tally.note(iam_action, _body.get())
        return None

    iam_actions.extract_resource_arn, iam_evaluator.enforce = extract_and_keep, enforce_each
