"""Creates a demo account with a few photos on a stage, through the site's public address.

    python -m infra.local.seed STAGE
"""

import base64
import hashlib
import http.client
import json
import re
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from infra import secret
from infra.stage import ROOT, Stage

EMAIL = "demo@shoebox.test"
PASSWORD = "a shoebox of photos"
PHOTOS = ROOT / "server/tests/photos"
KINDS = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
MAIL_SECONDS = 60
"""Timeout for a code's mail, which is sent by a consumer of the table's stream."""


class NotMailed(Exception):
    """No mail with a code arrived in time."""


class Refused(Exception):
    """The site responded with an error, which the message has."""


class Visitor:
    """An HTTP client that behaves like a browser: it keeps cookies and sends the site's address as the Origin."""

    def __init__(self, address: str):
        self.address = address
        self.host = urlsplit(address).netloc
        self.cookies: dict[str, str] = {}

    def form(self, path: str, **fields: str):
        return self._post(path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def json(self, path: str, **fields):
        return self._post(path, json.dumps(fields).encode(), "application/json")

    def get(self, path: str) -> bytes:
        """Fetches a page or an image."""
        return self._request("GET", path, None, Accept="text/html, image/webp")

    def _post(self, path: str, body: bytes, kind: str):
        headers = {"Origin": self.address, "Content-Type": kind, "Accept": "application/json"}
        text = self._request("POST", f"/api/{path}", body, **headers).decode(errors="replace")
        return json.loads(text) if text.startswith(("{", "[", '"')) else text

    def _request(self, method: str, path: str, body: bytes | None, **headers: str) -> bytes:
        # Only browsers resolve *.localhost to this machine.
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(self.address).port, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, {"Host": self.host, "Cookie": cookies, **headers})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value
        if response.status >= 400:
            raise Refused(f"{path}: {response.status} {content.decode(errors='replace')[:300]}")
        return content


def mailed_code(stage: Stage, email: str, about: str = "is your") -> str:
    """Waits for a mail to this address with `about` in its subject; returns the code in the latest."""
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{stage.endpoint}/_ministack/ses/messages") as response:
            boxes = json.load(response)["messages"]
        mails = [mail for box in boxes.values() for mail in box if email in mail["To"] and about in mail["Subject"]]
        if mails:
            return re.search(r"\b\d{6}\b", max(mails, key=lambda mail: mail["Timestamp"])["BodyText"])[0]
        time.sleep(stage.pause)
    raise NotMailed(f"no mail to {email} with {about!r} in its subject within {MAIL_SECONDS} s")


def sign_in(stage: Stage, visitor: Visitor, email: str = EMAIL) -> bool:
    """Signs in, after signing up if needed; returns whether the account is new."""
    try:
        visitor.form("accounts/sign_in", email=email, password=PASSWORD)
        return False
    except Refused:
        visitor.form("accounts/sign_up", email=email, owner_code=secret.read(stage)["owner_code"])
        visitor.form("accounts/confirm", email=email, code=mailed_code(stage, email), password=PASSWORD)
        return True


def checksum(content: bytes) -> str:
    """The base64 SHA-256 that uploads send."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def wanted(name: str, content: bytes) -> dict:
    """The file's description in a grant request."""
    return {"name": name, "kind": KINDS[Path(name).suffix], "bytes": len(content), "sha256": checksum(content)}


def grant(visitor: Visitor, name: str, content: bytes) -> dict:
    """Requests an upload; returns the photo, and presigned URLs unless the file is already there."""
    return visitor.json("photos/grant", wanted=wanted(name, content))


def put(to: dict, content: bytes) -> None:
    """Uploads to a presigned URL."""
    request = urllib.request.Request(to["url"], content, dict(to["headers"]), method="PUT")
    urllib.request.urlopen(request, timeout=60).close()


def send(granted: dict, content: bytes) -> None:
    """Uploads a file in a single part."""
    put(granted["upload"], content)


def upload(visitor: Visitor, path: Path) -> str:
    """Uploads a file unless it is already there; returns the photo's id."""
    content = path.read_bytes()
    granted = grant(visitor, path.name, content)
    if granted.get("upload"):
        send(granted, content)
        visitor.json("photos/announce", id=granted["photo"]["id"])
    return granted["photo"]["id"]


def seed(stage: Stage) -> int:
    """Creates the account with its photos unless it exists; returns the number of photos."""
    visitor = Visitor(stage.setting("site-address"))
    if not sign_in(stage, visitor):
        return 0
    photos = sorted(path for path in PHOTOS.glob("*") if path.suffix in KINDS)
    for path in photos:
        upload(visitor, path)
        time.sleep(0.2)  # keeps the site responsive during rendering
    return len(photos)


if __name__ == "__main__":
    print(f"{seed(Stage.named(sys.argv[1]))} photos uploaded")
