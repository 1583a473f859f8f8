"""What MiniStack's stream mappings lack: single failed items, bisection, a limit to retries, dead letters, a restart.

Its own poller goes on after a failed item as if it had been handled, and repeats a failed batch for ever. After a restart
its streams are empty but its mappings stand where they stood, and miss as many records as there had been.
"""

import inspect
import json
from dataclasses import dataclass

from ministack.services import lambda_svc

from infra.local.patches import expect, rewrite


@dataclass
class Trouble:
    """The record that a mapping cannot get past, and what has been tried with it."""

    sequence: str = ""
    attempts: int = 0
    batch_size: int | None = None


_troubles: dict[str, Trouble] = {}


def batch_size(esm: dict) -> int:
    """How many records to take: fewer while a batch is being bisected."""
    return _troubles.get(esm["UUID"], Trouble()).batch_size or esm.get("BatchSize", 100)


def settle(esm: dict, function: dict, stream: str, raw: list, batch: list, result: dict) -> int | None:
    """How many of the `raw` records are done with after a failure; None when nothing failed."""
    first = _first_failed(esm, batch, result)
    if first is None:
        _troubles.pop(esm["UUID"], None)
        return None
    sequence = _sequence(batch[first])
    trouble = _troubles.get(esm["UUID"])
    if not trouble or trouble.sequence != sequence:
        trouble = _troubles[esm["UUID"]] = Trouble(sequence, batch_size=trouble.batch_size if trouble else None)
    done = [_sequence(record) for record in raw].index(sequence)
    if result.get("error") and esm.get("BisectBatchOnFunctionError") and len(batch) > 1:
        trouble.batch_size = max(1, len(raw) // 2)
        return done
    trouble.attempts += 1
    limit = int(esm.get("MaximumRetryAttempts", -1))
    if 0 <= limit < trouble.attempts:
        given_up = batch[first:] if result.get("error") else batch[first : first + 1]
        lambda_svc._send_ddb_stream_failure_record(esm, function, given_up, stream, result, "RetryAttemptsExhausted")
        _troubles.pop(esm["UUID"])
        return len(raw) if result.get("error") else done + 1
    return done


def _first_failed(esm: dict, batch: list, result: dict) -> int | None:
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in esm.get("FunctionResponseTypes", []):
        return None
    body = result.get("body")
    answer = json.loads(body) if isinstance(body, str) and body else body or {}
    failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures") or []}
    places = [place for place, record in enumerate(batch) if _sequence(record) in failed]
    return min(places, default=None)


def _sequence(record: dict) -> str:
    return record["dynamodb"]["SequenceNumber"]


# Where the poller takes a batch, and where it has the function's answer.
_SIZE = 'batch_size = esm.get("BatchSize", 100)'
_ANSWER = "            result = _execute_function(func_rec, event)\n"
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
    """Puts `batch_size` and `settle` into the poller, and starts mappings at the start."""
    lambda_svc._shoebox_streams = inspect.getmodule(patch)
    size = (_SIZE, "batch_size = _shoebox_streams.batch_size(esm)")
    rewrite(lambda_svc, "_poll_dynamodb_streams", size, (_ANSWER, _ANSWER + _SETTLED))

    expect("lambda_svc.get_state", inspect.getsource(lambda_svc.get_state), '"dynamodb_stream_positions"')
    load = lambda_svc.load_persisted_state
    lambda_svc.load_persisted_state = lambda data: load(data and {**data, "dynamodb_stream_positions": {}})
