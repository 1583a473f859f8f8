"""The local cloud's process: MiniStack, with patches.

`cloud.py` starts it, in an environment without anything of the user's. Each patch first checks that MiniStack still has the code that it
changes, and exits otherwise.
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


def disable_nagle() -> None:
    """Avoids a delay of 40 ms per event, from Nagle's algorithm with delayed acknowledgements."""
    expect("ProvidedWorker", inspect.getsource(lambda_runtime.ProvidedWorker), "class RuntimeAPIHandler(http.server.BaseHTTPRequestHandler)")
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


def provide_key_value_store() -> None:
    """Gives CloudFront Functions the module `cloudfront`; the key-value store's items are written to files, which their process can read."""
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
        response = put(arn, key, headers, body)
        if response[0] == 200:
            # Replaced atomically: the function may read at any time.
            temporary = Path(os.environ["SHOEBOX_KEYS"], f"{key}.new")
            temporary.write_text(json.loads(body)["Value"])
            temporary.replace(temporary.with_suffix(".json"))
        return response

    cloudfront_keyvaluestore._put_key = put_and_write


def restart_after_rebuilds() -> None:
    """Restarts a function's warm process after the binary that its bootstrap runs has been rebuilt."""
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

    def spawn_and_stamp(self, *arguments, **named):
        self.built = stamp(code_dir(self))
        return spawn(self, *arguments, **named)

    def invoke_current(self, *arguments, **named):
        if self._proc is not None and stamp(code_dir(self)) != self.built:
            self._teardown()
        return invoke(self, *arguments, **named)

    worker._spawn, worker.invoke = spawn_and_stamp, invoke_current


def retry_events() -> None:
    """Retries a function that fails for an event from a bus, and sends a dead letter; MiniStack ignores the failure."""
    once, retried = "target=lambda_svc._execute_function_with_config_scope", "target=lambda_svc.invoke_async_with_retry"
    rewrite(eventbridge, "_dispatch_to_lambda", (once, retried))


def append_forwarded_for() -> None:
    """Has the HTTP API append its peer to `X-Forwarded-For`, as in AWS; otherwise a spoofed address would be trusted."""
    unchanged = '"headers": dict(headers),'
    appended = '"headers": headers | {"x-forwarded-for": ", ".join(filter(None, [headers.get("x-forwarded-for"), "127.0.0.1"]))},'
    rewrite(apigateway, "_invoke_lambda_proxy", (unchanged, appended))


def use_fair_queues() -> None:
    """Delivers messages of the group with the fewest messages in flight first; MiniStack orders by age only.

    SQS does so once a group has more than a tenth of the consumers (SQS Developer Guide, "Fair queues").
    """

    def quiet_first(visible: list[dict], messages: list[dict], now: float) -> list[dict]:
        busy = Counter(m["group_id"] for m in messages if m["visible_at"] > now and m["receive_count"] and m["group_id"])
        return sorted(visible, key=lambda message: busy[message["group_id"]])

    sqs._quiet_first = quiet_first
    by_age = "result = visible[:max_n]"
    rewrite(sqs, "_collect_msgs", (by_age, 'result = _quiet_first(visible, q["messages"], now)[:max_n]'))


def keep_mail_headers() -> None:
    """Adds a mail's custom headers, such as List-Unsubscribe, to the mailbox."""
    sent, shown = '"Type": "v2.SendEmail",', '"Type": rec["Type"],'
    for module, name, line, more in [
        (ses_v2, "handle_request", sent, ' "Headers": {each["Name"]: each["Value"] for each in simple.get("Headers", [])},'),
        (app, "_handle_ses_messages_request", shown, ' "Headers": rec.get("Headers", {}),'),
    ]:
        rewrite(module, name, (line, line + more))


def cache_parsed_expressions() -> None:
    """Caches parsed expressions: a Query parses its key condition for each row of the partition, in four fifths of its time."""
    source = inspect.getsource(dynamodb._evaluate_condition)
    expect("_evaluate_condition", source, "tokens = _tokenize(expr)")
    expect("_evaluate_condition", source, "_condition_syntax_error(expr, slot)")
    dynamodb._tokenize = functools.lru_cache(dynamodb._tokenize)
    dynamodb._condition_syntax_error = functools.lru_cache(dynamodb._condition_syntax_error)


def import_without_checks() -> None:
    """Skips an import's validation of each row, which takes a minute for a million rows. Supports only string keys."""
    expect("_set_item", inspect.getsource(dynamodb._set_item), "def _set_item(table, pk_val, sk_val, item):")

    def put_imported(name: str, row: dict[str, dict[str, str]]) -> tuple[int, dict, bytes]:
        table = dynamodb._tables[name]
        dynamodb._set_item(table, *(row[table[key]]["S"] for key in ("pk_name", "sk_name")), row)
        return 200, {}, b""

    dynamodb._put_imported = put_imported
    checked, unchecked = '_put_item({"TableName": table_name, "Item": item})', "_put_imported(table_name, item)"
    rewrite(dynamodb, "_run_import", (checked, unchecked))


def tune_garbage_collection() -> None:
    """Makes full collections rare: with a million rows each takes a second, during which no request is answered."""
    gc.set_threshold(10_000, 20, 100)


def exit_when_stored() -> None:
    """Exits once the state is stored; otherwise threads of waiting executions would keep the process alive for minutes."""
    expect("app", inspect.getsource(app.app), "await _handle_lifespan(scope, receive, send)")
    lifespan = app._handle_lifespan

    async def lifespan_then_exit(scope, receive, send):
        await lifespan(scope, receive, send)
        os._exit(0)

    app._handle_lifespan = lifespan_then_exit


if __name__ == "__main__":
    disable_nagle()
    provide_key_value_store()
    restart_after_rebuilds()
    retry_events()
    append_forwarded_for()
    use_fair_queues()
    keep_mail_headers()
    cache_parsed_expressions()
    import_without_checks()
    tune_garbage_collection()
    queries.patch()
    streams.patch()
    alarms.patch()
    calls.patch()
    pools.patch()
    passkeys.patch()
    fill.patch()
    exit_when_stored()
    origins.patch()
    if port := os.environ.get("SHOEBOX_HOSTED"):
        hosted.serve(int(port))
    app.main()
