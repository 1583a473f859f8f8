"""`make dev`: deploys and seeds the local cloud, whose distribution gets its pages from `cargo leptos watch`."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from infra import build, deploy, secret
from infra.local import cloud, interrupts, seed
from infra.stage import ROOT, Stage
from infra.timing import fail, step

PAGES = "127.0.0.1:3000"
# The first build of pages and client takes this long on two slow cores.
FIRST_BUILD_SECONDS = 1500


def wait_until_served(watch: subprocess.Popen, headers: dict[str, str]) -> None:
    """Waits until the watch server responds to requests with these headers; raises if it ends first."""
    request = urllib.request.Request(f"http://{PAGES}/healthz", headers=headers)
    deadline = time.monotonic() + FIRST_BUILD_SECONDS
    while time.monotonic() < deadline:
        if watch.poll() is not None:
            raise build.Failed("cargo leptos watch has ended")
        try:
            urllib.request.urlopen(request, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise build.Failed(f"cargo leptos watch did not respond at {PAGES}")


def watch(stage: Stage) -> subprocess.Popen:
    environment = os.environ | stage.environment | {"SHOEBOX_STAGE": stage.name, "RUST_LOG": os.environ.get("RUST_LOG", "info")}
    # In a session of its own, so that `stop` ends it with its child processes.
    return subprocess.Popen(["cargo", "leptos", "watch"], cwd=ROOT, env=environment, start_new_session=True)


def stop(process: subprocess.Popen) -> None:
    try:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(stage: Stage) -> None:
    """Starts everything; returns when the watch server ends."""
    pages = None
    try:
        with step("local cloud"):
            cloud.start(stage)
        build.local_functions()
        if deploy.main([stage.name, "--pages", PAGES]):
            raise build.Failed("the deploy failed")
        print("\n  cargo leptos watch", flush=True)
        pages = watch(stage)
        with step("pages", alone=False):
            wait_until_served(pages, secret.edge_headers(stage))
        with step("demo account with photos", alone=False) as outcome:
            outcome.append(f"{seed.seed(stage)} photos")
        print(
            f"\n  Open         {stage.setting('site-address')}\n"
            f"  Sign in as   {seed.EMAIL}   password   {seed.PASSWORD}\n"
            f"  Mail         {stage.endpoint}/_ministack/ses/messages\n"
            f"  Ctrl-C stops; data is kept until `make down`.\n",
            flush=True,
        )
        pages.wait()
    finally:
        if pages:
            stop(pages)
        with step("stop the local cloud", alone=False):
            cloud.stop(stage)


def main() -> int:
    interrupts.handle()
    try:
        run(Stage.named("home"))
    except KeyboardInterrupt:
        return 0
    except (build.Failed, seed.NotMailed, seed.Refused, urllib.error.URLError) as error:
        return fail(f"\n{error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
