"""The functions' packages: a zip with `bootstrap`; that of `web` also has the hashes in the names of the site's files."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.root import ROOT
from infra.stage import Stage

RELEASE = {
    "x86_64": ROOT / "target/x86_64-unknown-linux-gnu/release",
    "arm64": ROOT / "target/aarch64-unknown-linux-gnu/release",
}
USUAL_ARCHITECTURE = "x86_64"
KEPT = timedelta(days=365)
"""How long unused packages are kept. A rollback needs the previous ones, so it is long."""
RECENT = timedelta(days=30)
"""Packages uploaded within this time are not uploaded again."""


class NotBuilt(Exception):
    """A function's binary does not exist."""


@dataclass(frozen=True)
class Package:
    function: str
    content: bytes

    @property
    def key(self) -> str:
        """Contains the content's hash, so that equal packages are uploaded once and CloudFormation sees new ones."""
        return f"{self.function}/{hashlib.sha256(self.content).hexdigest()[:32]}.zip"


def binary(function: str, architecture: str, folder: Path | None = None) -> Path:
    """The path of a function's program that was built for AWS."""
    return (folder or RELEASE[architecture]) / function


def package(stage: Stage, function: str, architecture: str, folder: Path | None = None, hashes: str = "") -> Package:
    """A function's package; `hashes` is the content of `hash.txt` for `web`. For a local stage it only starts the program in cargo's target folder, so a rebuild needs no deploy.

    That program has all functions, unless `folder` has one for each.
    """
    if stage.is_local:
        together = (folder or ROOT / "target/debug") / "functions"
        start = f'"{folder / function}"' if folder and not together.exists() else f'"{together}" {function}'
        return Package(function, _zip({"bootstrap": f"#!/bin/sh\nexec {start}\n".encode()}))
    path = binary(function, architecture, folder)
    if not path.exists():
        raise NotBuilt(f"{path} is not built; deploy with --build")
    names = {"hash.txt": hashes.encode()} if function == "web" and hashes else {}
    return Package(function, _zip({"bootstrap": path.read_bytes(), **names}))


def _zip(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            # A fixed date, so that the zip is reproducible.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o755 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return content.getvalue()


class Artifacts:
    """The bucket for packages: one for each account and region, shared by all stages."""

    def __init__(self, stage: Stage):
        account = stage.client("sts").get_caller_identity()["Account"]
        self.bucket = f"shoebox-artifacts-{account}-{stage.region}"
        # The name is guessable, so another account may have taken it.
        self._owned = {"Bucket": self.bucket, "ExpectedBucketOwner": account}
        self._s3 = stage.client("s3")
        self._region = stage.region
        self._present: set[str] | None = None

    def place(self, package: Package) -> dict:
        """Uploads the package unless a recent one exists; returns its location for a template."""
        if self._present is None:
            self._present = self._list()
            self._set_up()
        if package.key not in self._present:
            self._s3.put_object(**self._owned, Key=package.key, Body=package.content)
        return {"S3Bucket": self.bucket, "S3Key": package.key}

    def _list(self) -> set[str]:
        since = datetime.now(UTC) - RECENT
        try:
            pages = self._s3.get_paginator("list_objects_v2").paginate(**self._owned)
            return {item["Key"] for page in pages for item in page.get("Contents", []) if item["LastModified"] > since}
        except self._s3.exceptions.NoSuchBucket:
            self._create()
            return set()

    def _create(self) -> None:
        # us-east-1 must not be given as a LocationConstraint.
        location = {} if self._region == "us-east-1" else {
            "CreateBucketConfiguration": {"LocationConstraint": self._region}
        }
        self._s3.create_bucket(Bucket=self.bucket, **location)

    def _set_up(self) -> None:
        self._s3.put_public_access_block(
            **self._owned,
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
        self._s3.put_bucket_lifecycle_configuration(**self._owned, LifecycleConfiguration={"Rules": [rule]})
