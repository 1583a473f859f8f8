"""Starts and stops a stage's local cloud.

    python -m infra.local.cloud start|stop|forget STAGE

`stop` keeps its state, `forget` deletes it.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from infra.local import hosted
from infra.stage import ROOT, Stage

# Starting includes loading the stored state, stopping includes storing it.
START_SECONDS = 30
STOP_SECONDS = 30


def running(stage: Stage) -> int | None:
    """The process id of the stage's local cloud, if it is running."""
    try:
        pid = int((stage.folder / "pid").read_text())
        # The process id may have been reused.
        if b"infra.local.emulator" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    except (OSError, ValueError):
        pass
    return None


def healthy(stage: Stage) -> bool:
    try:
        with urllib.request.urlopen(f"{stage.endpoint}/_ministack/health", timeout=2) as response:
            return response.status == 200
    except OSError:
        return False


def calls(stage: Stage) -> Path:
    """The file with each role's calls."""
    return stage.folder / "calls.jsonl"


def reads(stage: Stage) -> Path:
    """The file with each read of the table, on the test stage."""
    return stage.folder / "reads.jsonl"


def tally(stage: Stage) -> Path:
    """The file with what each call is billed as, on the bench stage."""
    return stage.folder / "tally.jsonl"


def environment(stage: Stage) -> dict[str, str]:
    """The complete environment of the local cloud, which its functions inherit."""
    folder = stage.folder
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        # Without it, MiniStack does not check codes, bucket policies and roles.
        "AUTH": "true",
        "GATEWAY_PORT": str(stage.port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": stage.region,
        "AWS_ENDPOINT_URL": stage.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Servers that are not needed.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Retries of the state machine wait a tenth as long as in AWS, where they take a minute.
        "SFN_WAIT_SCALE": "0.1",
        "PERSIST_STATE": "1",
        "S3_PERSIST": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "SHOEBOX_KEYS": str(folder),
        "SHOEBOX_CALLS": str(calls(stage)),
        **({"SHOEBOX_READS": str(reads(stage))} if stage.name == "test" else {}),
        **({"SHOEBOX_TALLY": str(tally(stage))} if stage.name == "bench" else {}),
        # Only tests sign in by other identity providers.
        **({"SHOEBOX_HOSTED": str(hosted.port(stage))} if stage.name in ("test", "browser") else {}),
        "RUST_LOG": os.environ.get("RUST_LOG", "info"),
        "RUST_BACKTRACE": "1",
    }


def start(stage: Stage) -> None:
    if running(stage):
        if healthy(stage):
            return
        stop(stage)
    if healthy(stage):
        raise SystemExit(f"Another local cloud is running on port {stage.port}: stop it, or set SHOEBOX_PORT")
    for name in ("tmp", "state", "s3"):
        (stage.folder / name).mkdir(parents=True, exist_ok=True)
    with open(stage.folder / "log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.emulator"],
            cwd=ROOT,
            env=environment(stage),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # In a session of its own, so that Ctrl-C in a terminal does not end it before its clients.
            start_new_session=True,
        )
    (stage.folder / "pid").write_text(str(process.pid))
    deadline = time.monotonic() + START_SECONDS
    while not healthy(stage):
        if process.poll() is not None or time.monotonic() > deadline:
            end = (stage.folder / "log").read_text()[-2000:]
            raise SystemExit(f"The local cloud did not start; the end of its log:\n{end}")
        time.sleep(0.05)


def stop(stage: Stage) -> None:
    pid = running(stage)
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while running(stage) and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            # Its functions' processes may be left.
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    (stage.folder / "pid").unlink(missing_ok=True)


def forget(stage: Stage) -> None:
    stop(stage)
    shutil.rmtree(stage.folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    verbs = {"start": start, "stop": stop, "forget": forget}
    if len(arguments) != 2 or arguments[0] not in verbs:
        print(__doc__, file=sys.stderr)
        return 2
    stage = Stage.named(arguments[1])
    if not stage.is_local:
        print(f"{stage.name} is not a local stage", file=sys.stderr)
        return 2
    verbs[arguments[0]](stage)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
