"""The functions' packages: a zip with one file, `bootstrap`."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra import functions
from infra.root import ROOT
from infra.stage import Stage

RELEASE = {
    "x86_64": ROOT / "target/x86_64-unknown-linux-gnu/release",
    "arm64": ROOT / "target/aarch64-unknown-linux-gnu/release",
}
USUAL_ARCHITECTURE = "x86_64"
KEPT = timedelta(days=365)
"""How long a package is kept that no deploy sends any more. A deploy that fails goes back to the one before, so it is long."""
RECENT = timedelta(days=30)
"""A package that was sent within this time is not sent again."""


class NotBuilt(Exception):
    """A door whose binary is not there."""


@dataclass(frozen=True)
class Package:
    door: str
    content: bytes

    @property
    def key(self) -> str:
        """Names the content, so that equal packages are sent once and a new one is seen as new."""
        return f"{self.door}/{hashlib.sha256(self.content).hexdigest()[:32]}.zip"


def doors() -> list[str]:
    return list(functions.ALL)


def binary(door: str, architecture: str, folder: Path | None = None) -> Path:
    """Where the build for AWS leaves a function by itself."""
    return (folder or RELEASE[architecture]) / door


def package(stage: Stage, door: str, architecture: str, folder: Path | None = None) -> Package:
    """At home the package only starts the binary where cargo leaves it, so that a rebuild is a redeploy.

    That is the one with all functions, unless `folder` has one for each.
    """
    if stage.at_home:
        together = (folder or ROOT / "target/debug") / "functions"
        start = f'"{folder / door}"' if folder and not together.exists() else f'"{together}" {door}'
        return Package(door, _zip(f"#!/bin/sh\nexec {start}\n".encode()))
    path = binary(door, architecture, folder)
    if not path.exists():
        raise NotBuilt(f"{path} is not built; deploy with --build")
    return Package(door, _zip(path.read_bytes()))


def _zip(bootstrap: bytes) -> bytes:
    # A fixed date: the same bootstrap gives the same bytes.
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(entry, bootstrap)
    return content.getvalue()


class Artifacts:
    """The bucket that CloudFormation takes packages from: one an account and region, for all stages."""

    def __init__(self, stage: Stage):
        account = stage.client("sts").get_caller_identity()["Account"]
        self.bucket = f"shoebox-artifacts-{account}-{stage.region}"
        # Anybody may have made a bucket of a name that can be guessed: nothing goes to another account's.
        self._ours = {"Bucket": self.bucket, "ExpectedBucketOwner": account}
        self._s3 = stage.client("s3")
        self._region = stage.region
        self._present: set[str] | None = None

    def place(self, package: Package) -> dict:
        """Sends the package unless it is there and recent; answers with where it lies, as a template says it."""
        if self._present is None:
            self._present = self._list()
            self._set_up()
        if package.key not in self._present:
            self._s3.put_object(**self._ours, Key=package.key, Body=package.content)
        return {"S3Bucket": self.bucket, "S3Key": package.key}

    def _list(self) -> set[str]:
        since = datetime.now(UTC) - RECENT
        try:
            pages = self._s3.get_paginator("list_objects_v2").paginate(**self._ours)
            return {item["Key"] for page in pages for item in page.get("Contents", []) if item["LastModified"] > since}
        except self._s3.exceptions.NoSuchBucket:
            self._create()
            return set()

    def _create(self) -> None:
        # us-east-1 is the one region that must not be named.
        where = {} if self._region == "us-east-1" else {
            "CreateBucketConfiguration": {"LocationConstraint": self._region}
        }
        self._s3.create_bucket(Bucket=self.bucket, **where)

    def _set_up(self) -> None:
        self._s3.put_public_access_block(
            **self._ours,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )
        rule = {
            "ID": "old-packages",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": KEPT.days},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
        self._s3.put_bucket_lifecycle_configuration(**self._ours, LifecycleConfiguration={"Rules": [rule]})
