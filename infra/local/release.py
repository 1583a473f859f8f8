"""`make drill WHAT=release`: builds the functions as a deploy to AWS does, and checks that each can be loaded by Amazon Linux 2023, is within
Lambda's size limits, starts, and responds through Lambda's runtime API.

    python -m infra.local.release [--build]

It builds for this machine's architecture, so that it can run them. Settings and secret come from a local cloud, to which the same programs
are deployed. Exits with 1 if a check fails.
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

from infra import build, deploy, functions, secret
from infra.local import cloud, interrupts, runtime
from infra.packages import RELEASE, NotBuilt, binary, package
from infra.stage import Stage
from infra.timing import fail, step

STAGE = Stage.named("drill")
AWS_STAGE = Stage("release")
"""Any stage in AWS: packages of local stages do not contain the program."""
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}
"""Lambda's architectures, by `platform.machine()`."""
GLIBC = (2, 34)
"""Amazon Linux 2023's version."""
LIBRARIES = {"libc", "libm", "libdl", "librt", "libpthread", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"}
"""Shared libraries that are always there: glibc's and libgcc's unwinder. Lambda does not promise libstdc++."""
UNPACKED_LIMIT = 250 * 1024 * 1024
"""Lambda's limit for an unzipped package."""
ZIPPED_LIMIT = 50 * 1024 * 1024
"""Lambda's limit for a direct upload. Ours go through S3, but larger packages would start slowly."""

_LIBRARY = re.compile(r"\(NEEDED\).*\[(.+)\]")
_VERSION = re.compile(r"Name: (GLIBC_\S+)")
_SMOKE = {"smoke": True}


def _health() -> dict:
    """A request event of the HTTP API for `web`, which has no smoke test, with the distribution's key, which it requires."""
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
    """A program that AWS would reject, or that does not load or respond."""


@dataclass(frozen=True)
class Needs:
    """A program's dynamic dependencies."""

    libraries: frozenset[str]
    versions: frozenset[str]
    """The glibc symbol versions, such as `GLIBC_2.34`."""


def needs(program: Path) -> Needs:
    """The dynamic dependencies of an ELF file, by `readelf`.

    # Errors
    `ReleaseFailed` if it is not an ELF file.
    """
    command = ["readelf", "--wide", "--dynamic", "--version-info", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"})
    if done.returncode:
        raise ReleaseFailed(f"{program}: {done.stderr.strip()}")
    return Needs(frozenset(_LIBRARY.findall(done.stdout)), frozenset(_VERSION.findall(done.stdout)))


def _number(version: str) -> tuple[int, ...] | None:
    """A version's number; None for names such as `GLIBC_ABI_DT_RELR`, which are newer than 2.34."""
    found = re.fullmatch(r"GLIBC_(\d+(?:\.\d+)*)", version)
    return tuple(map(int, found[1].split("."))) if found else None


def newest(wanted: Needs) -> str:
    """The newest numbered glibc version; empty if there is none."""
    return ".".join(map(str, max(filter(None, map(_number, wanted.versions)), default=())))


def unmet(wanted: Needs) -> list[str]:
    """The dependencies that Amazon Linux 2023 lacks."""
    versions = [version for version in wanted.versions if (_number(version) or (sys.maxsize,)) > GLIBC]
    return sorted([*versions, *(name for name in wanted.libraries if name.partition(".so")[0] not in LIBRARIES)])


def unpacked(content: bytes, folder: Path) -> Path:
    """Extracts a package's only file, with its mode."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (entry,) = archive.infolist()
        path = Path(archive.extract(entry, folder))
    path.chmod(entry.external_attr >> 16)
    return path


def environment(function: str, folder: Path) -> dict[str, str]:
    """The environment variables of Lambda and of the template, with the local cloud's root credentials."""
    configuration = STAGE.client("lambda").get_function_configuration(FunctionName=f"shoebox-{STAGE.name}-{function}")
    runtime_variables = {
        "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
        "LAMBDA_TASK_ROOT": str(folder),
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
        "TZ": ":UTC",
        "_HANDLER": configuration["Handler"],
    }
    return runtime_variables | STAGE.environment | configuration["Environment"]["Variables"]


def started(function: str, content: bytes) -> float:
    """Starts the package's program and sends an event; returns the seconds until it requested it."""
    with tempfile.TemporaryDirectory() as folder:
        program = unpacked(content, Path(folder))
        try:
            seconds, response = runtime.call([str(program)], environment(function, Path(folder)), _health() if function == "web" else _SMOKE)
        except runtime.NotAnswered as error:
            raise ReleaseFailed(f"{function} does not start: {error}") from error
    expected = response.get("statusCode") == 200 if function == "web" else response == {"function": function, "ok": True}
    if not expected:
        raise ReleaseFailed(f"{function} responds {response}")
    return seconds


def inspect_package(function: str, architecture: str) -> bytes:
    """Prints a function's size and dependencies and checks them; returns its package."""
    path = binary(function, architecture)
    made, wanted, size = package(AWS_STAGE, function, architecture), needs(path), path.stat().st_size
    zipped = len(made.content)
    print(f"  {function:<12}{size / 1e6:7.1f} MB  {zipped / 1e6:6.1f} MB zipped  glibc {newest(wanted):<6}  {' '.join(sorted(wanted.libraries))}")
    if lacking := unmet(wanted):
        raise ReleaseFailed(f"{function} needs libraries or versions that Amazon Linux 2023 lacks: {' '.join(lacking)}")
    if size > UNPACKED_LIMIT or zipped > ZIPPED_LIMIT:
        raise ReleaseFailed(f"{function} has {size:,} bytes, {zipped:,} zipped; the limits are {UNPACKED_LIMIT:,} and {ZIPPED_LIMIT:,}")
    return made.content


def drill(architecture: str) -> None:
    packages = {function: inspect_package(function, architecture) for function in functions.ALL}
    with step("local cloud"):
        cloud.forget(STAGE)
        cloud.start(STAGE)
    if deploy.main([STAGE.name, "--binaries", str(RELEASE[architecture])]):
        raise ReleaseFailed("the deploy to the local cloud failed")
    print()
    for function, content in packages.items():
        print(f"  {function:<12}started in {started(function, content) * 1000:.0f} ms")


def main(arguments: list[str]) -> int:
    interrupts.handle()
    architecture = ARCHITECTURES.get(platform.machine())
    if not architecture:
        return fail(f"Lambda does not support this machine's architecture ({platform.machine()})")
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
    print("\n  All functions are within the limits, load and start.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
