"""Builds what a deploy sends: the site, `web`, and the other doors.

All are built with the same features: with others, each would have the SDK compiled once more.
"""

import os
import subprocess

from infra.stage import ROOT, Stage
from infra.timing import step

SITE = ["cargo", "leptos", "build"]
DOORS = ["cargo", "build", "-p", "server", "--bins"]
# Amazon Linux 2023's glibc; the linker must not take a newer one.
TARGETS = {"x86_64": "x86_64-unknown-linux-gnu.2.34", "arm64": "aarch64-unknown-linux-gnu.2.34"}

# cargo-leptos sets it when it watches, and Leptos reads it when it is compiled: what is built beside it must agree.
WATCHING = {"LEPTOS_WATCH": "true"}


class Failed(Exception):
    """A command of the build did not succeed."""


def run(command: list[str], **environment: str) -> None:
    """Runs a command at the root, its output kept unless it fails."""
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(command)}\n{done.stdout[-6000:]}")


def doors_at_home(**environment: str) -> None:
    with step("build the doors"):
        run(DOORS, **environment)


def site_at_home() -> None:
    with step("build the site and `web`"):
        run(SITE)


def for_stage(stage: Stage, architecture: str) -> None:
    """Everything the stage needs, in the profile and for the machine it runs on."""
    if stage.at_home:
        site_at_home()
        doors_at_home()
        return
    target = ["--release", "--target", TARGETS[architecture]]
    with step("tools for AWS"):
        run(["pip", "install", "-q", "--disable-pip-version-check", "-r", "infra/requirements.txt"])
    with step("build the site"):
        run([*SITE, "--release", "--frontend-only"])
    with step("build the doors"):
        run(["cargo", "zigbuild", *DOORS[2:], *target])
