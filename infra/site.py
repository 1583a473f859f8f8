"""Uploads the site's files. Nothing is deleted, since open pages still load files of earlier builds."""

import hashlib
import mimetypes
import re
from pathlib import Path

from infra.stage import ROOT, Stage

BUILT = ROOT / "target/site"
"""The default folder of the site's files."""
# cargo-leptos puts a hash of the content before the extension.
_HASHED = re.compile(r"\.[A-Za-z0-9_-]{16,}\.(js|wasm|css)$")
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


def sync(stage: Stage, bucket: str, folder: Path) -> int:
    """Uploads new and changed files; returns their number."""
    s3 = stage.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    etags = {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}
    sent = 0
    for path in files(folder):
        key, content = path.relative_to(folder).as_posix(), path.read_bytes()
        if etags.get(key) != hashlib.md5(content, usedforsecurity=False).hexdigest():
            s3.put_object(Bucket=bucket, Key=key, Body=content, **headers(path))
            sent += 1
    return sent
