"""Sends the site's files to its bucket. Nothing is deleted: pages that are open still ask for yesterday's chunks."""

import hashlib
import mimetypes
import re
from pathlib import Path

from infra.stage import ROOT, Stage

BUILT = ROOT / "target/site"
"""Where the site's files are, unless a deploy names another folder."""
# cargo-leptos puts a hash of the content before the ending.
_HASHED = re.compile(r"\.[A-Za-z0-9_-]{16,}\.(js|wasm|css)$")
_TYPES = {
    ".wasm": "application/wasm",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


def headers(path: Path) -> dict[str, str]:
    """How a file is kept: for ever when its name tells its content, else asked for each time."""
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    forever = _HASHED.search(path.name)
    return {
        "ContentType": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "CacheControl": "public, max-age=31536000, immutable" if forever else "no-cache",
    }


def files(folder: Path) -> list[Path]:
    """Those of the site that was built there; none before it is."""
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def sync(stage: Stage, bucket: str, folder: Path) -> int:
    """Sends the folder's files that are new or changed; answers how many."""
    s3 = stage.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}
    sent = 0
    for path in files(folder):
        key, content = path.relative_to(folder).as_posix(), path.read_bytes()
        if there.get(key) != hashlib.md5(content, usedforsecurity=False).hexdigest():
            s3.put_object(Bucket=bucket, Key=key, Body=content, **headers(path))
            sent += 1
    return sent
