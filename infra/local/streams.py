"""Features that MiniStack's stream mappings lack: partial batch failures, bisection, retry limits, dead letters, and restarts.

Its own poller skips failed items, and repeats a failed batch for ever. After a restart its streams are empty but its mappings keep their
positions, so they miss as many records as there were before.
"""

import inspect
import json
from dataclasses import dataclass

from ministack.services import lambda_svc

from infra.local.patches import expect, rewrite


@dataclass
class Retry:
    """The record at which a mapping fails, and the attempts so far."""

    sequence: str = ""
    attempts: int = 0
    batch_size: int | None = None


_retries: dict[str, Retry] = {}


def batch_size(esm: dict) -> int:
    """The number of records to poll: fewer while a batch is being bisected."""
    return _retries.get(esm["UUID"], Retry()).batch_size or esm.get("BatchSize", 100)


def settle(esm: dict, function: dict, stream: str, raw: list, batch: list, result: dict) -> int | None:
    """The number of `raw` records that are finished after a failure; None without one."""
    first = _first_failed(esm, batch, result)
    if first is None:
        _retries.pop(esm["UUID"], None)
        return None
    sequence = _sequence(batch[first])
    retry = _retries.get(esm["UUID"])
    if not retry or retry.sequence != sequence:
        retry = _retries[esm["UUID"]] = Retry(sequence, batch_size=retry.batch_size if retry else None)
    done = [_sequence(record) for record in raw].index(sequence)
    if result.get("error") and esm.get("BisectBatchOnFunctionError") and len(batch) > 1:
        retry.batch_size = max(1, len(raw) // 2)
        return done
    retry.attempts += 1
    limit = int(esm.get("MaximumRetryAttempts", -1))
    if 0 <= limit < retry.attempts:
        failed = batch[first:] if result.get("error") else batch[first : first + 1]
        lambda_svc._send_ddb_stream_failure_record(esm, function, failed, stream, result, "RetryAttemptsExhausted")
        _retries.pop(esm["UUID"])
        return len(raw) if result.get("error") else done + 1
    return done


def _first_failed(esm: dict, batch: list, result: dict) -> int | None:
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in esm.get("FunctionResponseTypes", []):
        return None
    body = result.get("body")
    response = json.loads(body) if isinstance(body, str) and body else body or {}
    failed = {failure["itemIdentifier"] for failure in response.get("batchItemFailures") or []}
    return next((index for index, record in enumerate(batch) if _sequence(record) in failed), None)


def _sequence(record: dict) -> str:
    return record["dynamodb"]["SequenceNumber"]


# The lines of the poller that set the batch size and receive the function's result.
_SIZE = 'batch_size = esm.get("BatchSize", 100)'
_RESULT = "            result = _execute_function(func_rec, event)\n"
_SETTLED = """\
            settled = _shoebox_streams.settle(
                esm, func_rec, source_arn, _ddb.stream_records_since(table_name, pos, batch_size), batch, result)
            if settled is not None:
                with _dynamodb_stream_positions_lock:
                    _dynamodb_stream_positions[esm_id] = pos + settled
                esm["LastProcessingResult"] = "FAILED"
                logger.warning("ESM: Lambda %s: %s of %s records done\\n%s", func_name, settled, raw_len, result.get("log", ""))
                _esm_backoff_until[esm_id] = time.time() + _ESM_BACKOFF_SECONDS
                continue
"""


def patch() -> None:
    """Has the poller use `batch_size` and `settle`, and resets the mappings' positions on a restart."""
    lambda_svc._shoebox_streams = inspect.getmodule(patch)
    size = (_SIZE, "batch_size = _shoebox_streams.batch_size(esm)")
    rewrite(lambda_svc, "_poll_dynamodb_streams", size, (_RESULT, _RESULT + _SETTLED))

    expect("lambda_svc.get_state", inspect.getsource(lambda_svc.get_state), '"dynamodb_stream_positions"')
    load = lambda_svc.load_persisted_state
    lambda_svc.load_persisted_state = lambda data: load(data and {**data, "dynamodb_stream_positions": {}})
