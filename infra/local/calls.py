"""Records the IAM checks of the local cloud: each distinct call of a role and its decision, as a line in the file SHOEBOX_CALLS. If
SHOEBOX_READS is set, each read of the table is a line in that file; if SHOEBOX_TALLY is set, so is what each call is billed as.

MiniStack checks less than AWS, so this adds: the resource of each SSM parameter and of the key-value store, where MiniStack checks `*`;
the condition keys for partition keys and for a mail's sender; a mail's recipients and configuration set; and s3:ListBucket if an object
does not exist.
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

# The body of the request being authorized, which the evaluator does not get. Empty if the resource is not derived from it.
_body: ContextVar[bytes] = ContextVar("shoebox_body", default=b"")


def _partition_keys(request: dict) -> list[str]:
    """The partition keys in a request: the table's is `pk`, an index's `<index>_pk`."""
    if "KeyConditionExpression" in request:
        name = f"{request['IndexName']}_pk" if "IndexName" in request else "pk"
        value = re.search(rf"\b{name}\s*=\s*(:\w+)", request["KeyConditionExpression"])[1]
        return [request["ExpressionAttributeValues"][value]["S"]]
    rows = [request[part] for part in ("Item", "Key") if part in request]
    for batch in request.get("RequestItems", {}).values():
        writes = [write for each in batch for write in each.values()] if isinstance(batch, list) else []
        rows += [write.get("Item") or write["Key"] for write in writes] or batch["Keys"]
    return [row["pk"]["S"] for row in rows]


def _checks(action: str, resource: str, region: str, context: dict) -> Iterator[tuple[str, str, dict]]:
    """The checks (action, resource, condition keys) that AWS does where MiniStack does one."""
    if action == "ssm:GetParameters":
        for name in json.loads(_body.get())["Names"]:
            yield action, f"arn:aws:ssm:{region}:{get_account_id()}:parameter{name}", context
    elif action == "ses:SendEmail":
        request = json.loads(_body.get())
        sender, to = request["FromEmailAddress"], request["Destination"]["ToAddresses"]
        # In its sandbox SES also checks the recipients.
        names = [f"identity/{identity}" for identity in (sender, *to)]
        if "ConfigurationSetName" in request:
            names.append(f"configuration-set/{request['ConfigurationSetName']}")
        for name in names:
            yield action, f"arn:aws:ses:{region}:{get_account_id()}:{name}", {**context, SENDER: sender}
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
    """The file of calls: appends each distinct line once, across restarts."""

    def __init__(self, path: Path):
        self._file = path.open("a+", buffering=1)
        self._file.seek(0)
        self._written = set(self._file)

    def record(self, **call) -> None:
        line = json.dumps(call) + "\n"
        if line not in self._written:
            self._written.add(line)
            self._file.write(line)


def patch() -> None:
    """Replaces MiniStack's authorization with all checks that AWS does, and records those of roles."""
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
        for action, resource, context in _checks(iam_action, resource_arn, region, service_context or {}):
            denied = enforce(access_key_id, action, service, region, resource, context)
            # Not recorded: signature errors, which say nothing about the role, and denied additional checks, which it need not pass.
            if denied is None or action == iam_action and not isinstance(denied, iam_evaluator.AuthError):
                keys = [context[SENDER]] if SENDER in context else context.get(KEYS, [])
                calls.record(role=role, action=action, resource=resource, keys=keys, allowed=denied is None)
            if denied:
                return denied
        if reads and iam_action in READS:
            reads.record(role, iam_action, _body.get())
        if tally:
            tally.record(iam_action, _body.get())
        return None

    iam_actions.extract_resource_arn, iam_evaluator.enforce = extract_and_keep, enforce_each
