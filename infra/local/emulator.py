"""The local cloud's own process: MiniStack, with some things of its working changed.

`cloud.py` starts it, in an environment that holds nothing of the user's. Each change looks first whether MiniStack still
has the place it changes, and stops with its name when it has not.
"""

import functools
import gc
import inspect
import json
import os
import re
import socketserver
from collections import Counter
from pathlib import Path

from ministack import app
from ministack.core import cloudfront_js, lambda_runtime
from ministack.services import apigateway, cloudfront_keyvaluestore, dynamodb, eventbridge, ses_v2, sqs

from infra.local import alarms, calls, fill, hosted, origins, passkeys, pools, queries, streams
from infra.local.patches import expect, rewrite


def answer_at_once() -> None:
    """Functions wait 40 ms for each event otherwise: Nagle's algorithm against delayed acknowledgement."""
    expect("ProvidedWorker", inspect.getsource(lambda_runtime.ProvidedWorker), "class RuntimeAPIHandler(http.server.BaseHTTPRequestHandler)")
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


def give_functions_their_keys() -> None:
    """CloudFront Functions get the module `cloudfront`; the store's items lie in files where their process can read them."""
    modules = "const _ALLOWED_MODULES = { crypto, querystring, buffer: bufferModule };"
    pool = cloudfront_js._pool
    expect("cloudfront_js", pool.script, modules)
    store = """
const fs = require("fs");
const cloudfront = { kvs: () => ({ get: async (key) => fs.readFileSync(process.env.SHOEBOX_KEYS + "/" + key + ".json", "utf8") }) };
const _ALLOWED_MODULES = { crypto, querystring, buffer: bufferModule, cloudfront };
"""
    pool.script = pool.script.replace(modules, store)
    expect("_put_key", inspect.getsource(cloudfront_keyvaluestore._put_key), 'store["items"][key] = value')
    put = cloudfront_keyvaluestore._put_key

    def put_and_write(arn, key, headers, body):
        answer = put(arn, key, headers, body)
        if answer[0] == 200:
            # One step: the function may read at any moment.
            fresh = Path(os.environ["SHOEBOX_KEYS"], f"{key}.new")
            fresh.write_text(json.loads(body)["Value"])
            fresh.replace(fresh.with_suffix(".json"))
        return answer

    cloudfront_keyvaluestore._put_key = put_and_write


def follow_rebuilds() -> None:
    """A function's warm process ends when the binary that its bootstrap names has been built anew."""
    worker = lambda_runtime.ProvidedWorker
    expect("ProvidedWorker.invoke", inspect.getsource(worker.invoke), "if self._proc is None or self._proc.poll() is not None:")
    expect("ProvidedWorker", inspect.getsource(worker), "def _teardown(self):")
    spawn, invoke = worker._spawn, worker.invoke

    def stamp(code_dir: str) -> tuple | None:
        try:
            named = re.search(r'exec "(.+)"', Path(code_dir, "bootstrap").read_text())
            built = os.stat(named[1])
            return built.st_mtime_ns, built.st_ino
        except (OSError, TypeError, UnicodeDecodeError):
            return None

    def code_dir(self) -> str:
        from ministack.services.lambda_svc import _provided_runtime_code_dir

        return _provided_runtime_code_dir(self.code_zip)

    def spawn_and_note(self, *arguments, **named):
        self.built = stamp(code_dir(self))
        return spawn(self, *arguments, **named)

    def invoke_fresh(self, *arguments, **named):
        if self._proc is not None and stamp(code_dir(self)) != self.built:
            self._teardown()
        return invoke(self, *arguments, **named)

    worker._spawn, worker.invoke = spawn_and_note, invoke_fresh


def retry_events() -> None:
    """A function that fails at an event from a bus is tried again and leaves a dead letter; MiniStack lets it be."""
    once, again = "target=lambda_svc._execute_function_with_config_scope", "target=lambda_svc.invoke_async_with_retry"
    rewrite(eventbridge, "_dispatch_to_lambda", (once, again))


def tell_who_asked_the_api() -> None:
    """The HTTP API appends its peer to `X-Forwarded-For`, as AWS does; otherwise a spoofed address would be trusted."""
    passed = '"headers": dict(headers),'
    told = '"headers": headers | {"x-forwarded-for": ", ".join(filter(None, [headers.get("x-forwarded-for"), "127.0.0.1"]))},'
    rewrite(apigateway, "_invoke_lambda_proxy", (passed, told))


def hand_out_fairly() -> None:
    """A queue hands out first what belongs to a message group of which the fewest are being worked on; MiniStack goes by age alone.

    SQS does so once a group takes more than a tenth of the time of those who receive (its guide, on fair queues).
    """

    def quiet_first(visible: list[dict], messages: list[dict], now: float) -> list[dict]:
        busy = Counter(m["group_id"] for m in messages if m["visible_at"] > now and m["receive_count"] and m["group_id"])
        return sorted(visible, key=lambda message: busy[message["group_id"]])

    sqs._quiet_first = quiet_first
    by_age = "result = visible[:max_n]"
    rewrite(sqs, "_collect_msgs", (by_age, 'result = _quiet_first(visible, q["messages"], now)[:max_n]'))


def keep_headers_of_mails() -> None:
    """The mailbox shows a mail's own headers, too: by some of them mail programs stop what nobody wants."""
    sent, shown = '"Type": "v2.SendEmail",', '"Type": rec["Type"],'
    for module, name, line, more in [
        (ses_v2, "handle_request", sent, ' "Headers": {each["Name"]: each["Value"] for each in simple.get("Headers", [])},'),
        (app, "_handle_ses_messages_request", shown, ' "Headers": rec.get("Headers", {}),'),
    ]:
        rewrite(module, name, (line, line + more))


def read_expressions_once() -> None:
    """A Query reads its key condition anew for each row of the partition, in four fifths of its time."""
    source = inspect.getsource(dynamodb._evaluate_condition)
    expect("_evaluate_condition", source, "tokens = _tokenize(expr)")
    expect("_evaluate_condition", source, "_condition_syntax_error(expr, slot)")
    dynamodb._tokenize = functools.lru_cache(dynamodb._tokenize)
    dynamodb._condition_syntax_error = functools.lru_cache(dynamodb._condition_syntax_error)


def import_without_checks() -> None:
    """An import has each row checked as if somebody had put it, a minute for a million of them. Keys are texts, as the site's are."""
    expect("_set_item", inspect.getsource(dynamodb._set_item), "def _set_item(table, pk_val, sk_val, item):")

    def take(name: str, row: dict[str, dict[str, str]]) -> tuple[int, dict, bytes]:
        table = dynamodb._tables[name]
        dynamodb._set_item(table, *(row[table[key]]["S"] for key in ("pk_name", "sk_name")), row)
        return 200, {}, b""

    dynamodb._take_imported = take
    checked, taken = '_put_item({"TableName": table_name, "Item": item})', "_take_imported(table_name, item)"
    rewrite(dynamodb, "_run_import", (checked, taken))


def leave_rows_alone() -> None:
    """Looking through a million rows for garbage takes a second, in which nobody is answered: mostly it is looked for among what is new."""
    gc.set_threshold(10_000, 20, 100)


def end_when_stored() -> None:
    """The process ends once its state is stored; threads of waiting executions would hold it for minutes."""
    expect("app", inspect.getsource(app.app), "await _handle_lifespan(scope, receive, send)")
    lifespan = app._handle_lifespan

    async def lifespan_then_end(scope, receive, send):
        await lifespan(scope, receive, send)
        os._exit(0)

    app._handle_lifespan = lifespan_then_end


if __name__ == "__main__":
    answer_at_once()
    give_functions_their_keys()
    follow_rebuilds()
    retry_events()
    tell_who_asked_the_api()
    hand_out_fairly()
    keep_headers_of_mails()
    read_expressions_once()
    import_without_checks()
    leave_rows_alone()
    queries.patch()
    streams.patch()
    alarms.patch()
    calls.patch()
    pools.patch()
    passkeys.patch()
    fill.patch()
    end_when_stored()
    origins.patch()
    if stand_in := os.environ.get("SHOEBOX_HOSTED"):
        hosted.serve(int(stand_in))
    app.main()
