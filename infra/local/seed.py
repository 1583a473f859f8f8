"""Puts a demo account with a few photos into a stage, through the front door like any visitor.

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
"""How long a code may take: it is mailed by the table's stream."""


class NotMailed(Exception):
    """A code did not come; the message says to whom."""


class Refused(Exception):
    """The site said no; the message has what it said."""


class Visitor:
    """A browser's part: cookies, and the address as the origin."""

    def __init__(self, address: str):
        self.address = address
        self.host = urlsplit(address).netloc
        self.cookies: dict[str, str] = {}

    def form(self, path: str, **fields: str):
        return self._post(path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def json(self, path: str, **fields):
        return self._post(path, json.dumps(fields).encode(), "application/json")

    def get(self, path: str) -> bytes:
        """A page or a picture."""
        return self._ask("GET", path, None, Accept="text/html, image/webp")

    def _post(self, path: str, body: bytes, kind: str):
        headers = {"Origin": self.address, "Content-Type": kind, "Accept": "application/json"}
        text = self._ask("POST", f"/api/{path}", body, **headers).decode(errors="replace")
        return json.loads(text) if text.startswith(("{", "[", '"')) else text

    def _ask(self, method: str, path: str, body: bytes | None, **headers: str) -> bytes:
        # Only browsers know that every *.localhost is this machine.
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(self.address).port, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, {"Host": self.host, "Cookie": cookies, **headers})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value
        if answer.status >= 400:
            raise Refused(f"{path}: {answer.status} {content.decode(errors='replace')[:300]}")
        return content


def mailed_code(stage: Stage, email: str, about: str = "is your") -> str:
    """The code in the latest mail to this address whose subject says so, once one has come."""
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{stage.endpoint}/_ministack/ses/messages") as answer:
            boxes = json.load(answer)["messages"]
        mails = [mail for box in boxes.values() for mail in box if email in mail["To"] and about in mail["Subject"]]
        if mails:
            return re.search(r"\b\d{6}\b", max(mails, key=lambda mail: mail["Timestamp"])["BodyText"])[0]
        time.sleep(stage.pause)
    raise NotMailed(f"no mail to {email} that says {about!r} in {MAIL_SECONDS} s")


def sign_in(stage: Stage, visitor: Visitor, email: str = EMAIL) -> bool:
    """Signs in, signing up first when needed; answers whether the account is new."""
    try:
        visitor.form("accounts/sign_in", email=email, password=PASSWORD)
        return False
    except Refused:
        visitor.form("accounts/sign_up", email=email, owner_code=secret.read(stage)["owner_code"])
        visitor.form("accounts/confirm", email=email, code=mailed_code(stage, email), password=PASSWORD)
        return True


def checksum(content: bytes) -> str:
    """As uploads announce it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def wanted(name: str, content: bytes) -> dict:
    """What an upload says of its file."""
    return {"name": name, "kind": KINDS[Path(name).suffix], "bytes": len(content), "sha256": checksum(content)}


def grant(visitor: Visitor, name: str, content: bytes) -> dict:
    """What becomes of a file: the photo, and how its bytes travel if they must."""
    return visitor.json("photos/grant", wanted=wanted(name, content))


def put(to: dict, content: bytes) -> None:
    """The bytes to where a permission says."""
    request = urllib.request.Request(to["url"], content, dict(to["headers"]), method="PUT")
    urllib.request.urlopen(request, timeout=60).close()


def send(granted: dict, content: bytes) -> None:
    """All bytes of a file, in one piece."""
    put(granted["upload"], content)


def upload(visitor: Visitor, path: Path) -> str:
    """Sends the file unless its bytes are there; answers with the photo's identifier."""
    content = path.read_bytes()
    granted = grant(visitor, path.name, content)
    if granted.get("upload"):
        send(granted, content)
        visitor.json("photos/announce", id=granted["photo"]["id"])
    return granted["photo"]["id"]


def seed(stage: Stage) -> int:
    """Makes the account and its photos unless they are there; answers how many photos were sent."""
    visitor = Visitor(stage.setting("site-address"))
    if not sign_in(stage, visitor):
        return 0
    photos = sorted(path for path in PHOTOS.glob("*") if path.suffix in KINDS)
    for path in photos:
        upload(visitor, path)
        time.sleep(0.2)  # the pages stay quick while the renders run
    return len(photos)


if __name__ == "__main__":
    print(f"{seed(Stage.named(sys.argv[1]))} photos sent")
