"""`make drill WHAT=release`: builds the functions as a deploy to AWS does, and looks at what would be sent: whether Amazon Linux 2023 can
load each, how large it is, and whether it starts and answers by Lambda's runtime API.

    python -m infra.local.release [--build]

It builds for the architecture of this machine, the one that it can start. Settings and secret are those of a local cloud, to which the
same programs are deployed. Leaves with 1 when one of them does not hold.
"""

import io
import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra import build, deploy, secret
from infra.local import cloud, interrupts, runtime
from infra.packages import RELEASE, NotBuilt, binary, doors, package
from infra.stage import Stage
from infra.timing import fail, step

STAGE = Stage.named("drill")
AWAY = Stage("release")
"""Stands for any stage in AWS: a package for one at home has no program in it."""
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}
"""What AWS calls the machines of this name."""
GLIBC = (2, 34)
"""Amazon Linux 2023's version."""
LIBRARIES = {"libc", "libm", "libdl", "librt", "libpthread", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"}
"""What is there for sure: glibc's own, and the one with which gcc and rustc unwind. C++'s is no part of what Lambda promises."""
UNPACKED_LIMIT = 250 * 1024 * 1024
"""Lambda's limit on a package's files, in bytes."""
SENT_LIMIT = 50 * 1024 * 1024
"""The same on a package that is sent without S3. Ours go by S3, but one as large would start slowly."""

_LIBRARY = re.compile(r"\(NEEDED\).*\[(.+)\]")
_VERSION = re.compile(r"Name: (GLIBC_\S+)")
_SMOKE = {"smoke": True}


def _health() -> dict:
    """A request as the HTTP API hands it to `web`, which has no smoke test: with the distribution's key, for it answers nobody else."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/healthz",
        "rawQueryString": "",
        "headers": {"host": "localhost", **secret.edge_headers(STAGE)},
        "requestContext": {
            "routeKey": "$default",
            "stage": "$default",
            "domainName": "localhost",
            "timeEpoch": 0,
            "http": {"method": "GET", "path": "/healthz", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "drill"},
        },
        "isBase64Encoded": False,
    }


class ReleaseFailed(Exception):
    """What AWS would not take, load or get an answer from."""


@dataclass(frozen=True)
class Needs:
    """What the dynamic linker must find for a program."""

    libraries: frozenset[str]
    versions: frozenset[str]
    """The versions of glibc that its symbols are of, as `GLIBC_2.34`."""


def needs(program: Path) -> Needs:
    """What a program for any machine needs, as `readelf` reads it.

    # Errors
    `ReleaseFailed` where it is no program.
    """
    command = ["readelf", "--wide", "--dynamic", "--version-info", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"})
    if done.returncode:
        raise ReleaseFailed(f"{program}: {done.stderr.strip()}")
    return Needs(frozenset(_LIBRARY.findall(done.stdout)), frozenset(_VERSION.findall(done.stdout)))


def _number(version: str) -> tuple[int, ...] | None:
    """A version's number; nothing for names such as `GLIBC_ABI_DT_RELR`, which came after 2.34."""
    found = re.fullmatch(r"GLIBC_(\d+(?:\.\d+)*)", version)
    return tuple(map(int, found[1].split("."))) if found else None


def newest(wanted: Needs) -> str:
    """The newest numbered version of glibc; empty where none is asked for."""
    return ".".join(map(str, max(filter(None, map(_number, wanted.versions)), default=())))


def unmet(wanted: Needs) -> list[str]:
    """What Amazon Linux 2023 does not have of it."""
    versions = [version for version in wanted.versions if (_number(version) or (sys.maxsize,)) > GLIBC]
    return sorted([*versions, *(name for name in wanted.libraries if name.partition(".so")[0] not in LIBRARIES)])


def unpacked(content: bytes, folder: Path) -> Path:
    """Puts a package's one file there, with the mode that the package gives it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (entry,) = archive.infolist()
        path = Path(archive.extract(entry, folder))
    path.chmod(entry.external_attr >> 16)
    return path


def environment(door: str, folder: Path) -> dict[str, str]:
    """What Lambda gives a function, and what its template does. The credentials are the local cloud's owner's."""
    function = STAGE.client("lambda").get_function_configuration(FunctionName=f"shoebox-{STAGE.name}-{door}")
    lambdas = {
        "AWS_LAMBDA_FUNCTION_NAME": function["FunctionName"],
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function["MemorySize"]),
        "LAMBDA_TASK_ROOT": str(folder),
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
        "TZ": ":UTC",
        "_HANDLER": function["Handler"],
    }
    return lambdas | STAGE.environment | function["Environment"]["Variables"]


def started(door: str, content: bytes) -> float:
    """Seconds until the package's program had started, by a call that it must answer."""
    with tempfile.TemporaryDirectory() as folder:
        program = unpacked(content, Path(folder))
        try:
            seconds, said = runtime.call([str(program)], environment(door, Path(folder)), _health() if door == "web" else _SMOKE)
        except runtime.NotAnswered as error:
            raise ReleaseFailed(f"{door} does not start: {error}") from error
    right = said.get("statusCode") == 200 if door == "web" else said == {"door": door, "ok": True}
    if not right:
        raise ReleaseFailed(f"{door} answers {said}")
    return seconds


def look_at(door: str, architecture: str) -> bytes:
    """Prints what a function's program needs and takes; answers with its package."""
    path = binary(door, architecture)
    made, wanted, size = package(AWAY, door, architecture), needs(path), path.stat().st_size
    sent = len(made.content)
    print(f"  {door:<12}{size / 1e6:7.1f} MB  {sent / 1e6:6.1f} MB zipped  glibc {newest(wanted):<6}  {' '.join(sorted(wanted.libraries))}")
    if lacking := unmet(wanted):
        raise ReleaseFailed(f"{door} needs what Amazon Linux 2023 lacks: {' '.join(lacking)}")
    if size > UNPACKED_LIMIT or sent > SENT_LIMIT:
        raise ReleaseFailed(f"{door} has {size:,} bytes, {sent:,} zipped; the limits are {UNPACKED_LIMIT:,} and {SENT_LIMIT:,}")
    return made.content


def drill(architecture: str) -> None:
    packages = {door: look_at(door, architecture) for door in doors()}
    with step("local cloud"):
        cloud.forget(STAGE)
        cloud.start(STAGE)
    if deploy.main([STAGE.name, "--binaries", str(RELEASE[architecture])]):
        raise ReleaseFailed("the deploy to the local cloud failed")
    print()
    for door, content in packages.items():
        print(f"  {door:<12}started in {started(door, content) * 1000:.0f} ms")


def main(arguments: list[str]) -> int:
    interrupts.handle()
    architecture = ARCHITECTURES.get(platform.machine())
    if not architecture:
        return fail(f"Lambda has no machines like this one ({platform.machine()})")
    try:
        if "--build" in arguments:
            build.install_for_aws(architecture)
            with step("build the functions for release", usual=480) as running:
                build.run(build.functions_for_aws(architecture), running)
        drill(architecture)
    except (build.Failed, NotBuilt, ReleaseFailed, OSError) as error:
        return fail(f"\n{error}\nThe cloud's log is .local/{STAGE.name}/log")
    except KeyboardInterrupt:
        return 130
    finally:
        cloud.stop(STAGE)
    print("\n  All of them fit, load and start.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
