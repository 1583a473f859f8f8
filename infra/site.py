"""Uploads the site's files. Those of earlier builds expire after a month, since open pages still load them."""

import hashlib
import mimetypes
import re
from pathlib import Path

from infra.packages import NotBuilt
from infra.stage import ROOT, Stage

BUILT = ROOT / "target/site"
"""The default folder of the site's files."""
# cargo-leptos puts a hash of the content before the extension.
_HASHED = re.compile(r"\.[A-Za-z0-9_-]{16,}\.(js|wasm|css)$")
# Of the files that pages name.
_NAMED = re.compile(r"shoebox\.([A-Za-z0-9_-]{16,})\.(js|wasm|css)")
_RETIRED = {"Key": "retired", "Value": "yes"}
"""The tag of files of earlier builds, which a lifecycle rule of `state.yaml` deletes a month after they were tagged."""
_TYPES = {
    ".wasm": "application/wasm",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


def headers(path: Path) -> dict[str, str]:
    """A file's content type and caching: immutable if its name has a content hash, otherwise revalidated."""
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    hashed = _HASHED.search(path.name)
    return {
        "ContentType": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "CacheControl": "public, max-age=31536000, immutable" if hashed else "no-cache",
    }


def files(folder: Path) -> list[Path]:
    """The built files in a folder; none before the build."""
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def hashes(folder: Path) -> str:
    """The content of `hash.txt`, by which `web` knows the names of the files in a folder; empty if they have no hashes.

    # Errors
    `NotBuilt` if the folder does not have exactly one file of each kind.
    """
    named = [found for path in files(folder / "pkg") if (found := _NAMED.fullmatch(path.name))]
    if named and sorted(found[2] for found in named) != ["css", "js", "wasm"]:
        raise NotBuilt(f"{folder / 'pkg'} has files of more than one build, or of a part of one: {', '.join(found[0] for found in named)}")
    return "".join(f"{found[2]}: {found[1]}\n" for found in named)


def _etags(s3, bucket: str) -> dict[str, str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}


def _is_retired(s3, bucket: str, key: str) -> bool:
    return _RETIRED in s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]


def sync(stage: Stage, bucket: str, folder: Path) -> int:
    """Uploads new and changed files, and those that were retired; returns their number."""
    s3 = stage.client("s3")
    etags, sent = _etags(s3, bucket), 0
    # Files with hashes first: the others may refer to them.
    for path in sorted(files(folder), key=lambda path: not _HASHED.search(path.name)):
        key, content = path.relative_to(folder).as_posix(), path.read_bytes()
        if etags.get(key) != hashlib.md5(content, usedforsecurity=False).hexdigest() or _is_retired(s3, bucket, key):
            s3.put_object(Bucket=bucket, Key=key, Body=content, **headers(path))
            sent += 1
    return sent


def retire(stage: Stage, bucket: str, folder: Path) -> int:
    """Tags the files of earlier builds, so that they expire; returns their number.

    They are copied onto themselves, because a lifecycle rule counts from when an object was written.
    """
    current = {path.relative_to(folder).as_posix() for path in files(folder)}
    s3, retired = stage.client("s3"), 0
    # Without a build there is nothing that these files are earlier than.
    for key in sorted(set(_etags(s3, bucket)) - current) if current else ():
        if not _is_retired(s3, bucket, key):
            s3.copy_object(
                Bucket=bucket,
                Key=key,
                CopySource={"Bucket": bucket, "Key": key},
                MetadataDirective="REPLACE",
                TaggingDirective="REPLACE",
                Tagging=f"{_RETIRED['Key']}={_RETIRED['Value']}",
                **headers(Path(key)),
            )
            retired += 1
    return retired
