"""The cast of the tests of asynchronous doors: people and their photos, in the deployed local cloud."""

import base64
import functools
import hashlib
import hmac
import http.client
import json
import os
import secrets
import struct
import time
import uuid
import zlib
from pathlib import Path

from infra.local import seed
from infra.stage import Stage

STAGE = Stage.named(os.environ.get("SHOEBOX_STAGE", "test"))
# Long enough for every retry of any door; nothing is expected to take it.
PATIENCE_SECONDS = 300
# What a photo that nothing happened to has been through, each once.
WHOLE_WAY = ["expected", "received", "developing 0", "developing 1", "developing 2", "ready"]
TOLD = [*WHOLE_WAY, "ready"]
"""The states as messages tell them: once it is ready, AVIF joins."""

client = functools.cache(STAGE.client)


def until(what: str, look):
    """What `look` answers as soon as that is something; fails with `what` when it stays nothing."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}")
        time.sleep(STAGE.pause)


def in_one_window(seconds: int) -> None:
    """Waits where a window of so many seconds is about to end: tries are counted by windows."""
    until("a window is not about to end", lambda: time.time() % seconds < seconds - 60)


def request(method: str, path: str, body: bytes | None, headers: dict[str, str], source: str | None = None):
    """Status, headers and body of what the local cloud answers to somebody at an address of this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", STAGE.port, timeout=60, source_address=(source, 0) if source else None)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


@functools.cache
def physical(stack: str, logical: str) -> str:
    """What the cloud calls a resource of a template."""
    answer = client("cloudformation").describe_stack_resource(StackName=STAGE.stack(stack), LogicalResourceId=logical)
    return answer["StackResourceDetail"]["PhysicalResourceId"]


def read_row(pk: str, sk: str) -> dict | None:
    """A row as the table has it."""
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    return client("dynamodb").get_item(TableName=physical("state", "Table"), Key=key, ConsistentRead=True).get("Item")


def write_row(row: dict) -> None:
    """Puts a row into the table, whatever is there."""
    client("dynamodb").put_item(TableName=physical("state", "Table"), Item=row)


def take_row(pk: str, sk: str) -> None:
    """Takes a row away, if it is there."""
    client("dynamodb").delete_item(TableName=physical("state", "Table"), Key={"pk": {"S": pk}, "sk": {"S": sk}})


def hashed(secret: str) -> str:
    """What the table has of a secret, or of an address in a key."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode().rstrip("=")


def write_unreadable(photo: str) -> None:
    """A photo's row of a shape that nobody knows."""
    write_row({"pk": {"S": f"PHOTO#{photo}"}, "sk": {"S": "PHOTO"}, "version": {"S": "of another world"}})


def visitor() -> seed.Visitor:
    """A browser that has not been there yet."""
    return seed.Visitor(STAGE.setting("site-address"))


class Person:
    """Somebody with an account and a session.

    Their rows are written as they stand in `server/src/accounts/records.rs`: whoever signs up first owns the site,
    and that is for the browser's tests.
    """

    def __init__(self, name: str):
        self.id = str(uuid.uuid4())
        self.email = f"{name}@example.org"
        secret = secrets.token_urlsafe(32)
        self.session_hash = digest = hashed(secret)
        now = int(time.time())
        account = {
            "pk": {"S": f"ACCOUNT#{self.id}"},
            "sk": {"S": "ACCOUNT"},
            "version": {"N": "1"},
            "id": {"S": self.id},
            "email": {"S": self.email},
            "created_at": {"N": str(now * 1000)},
        }
        session = {
            "pk": {"S": f"SESSION#{digest}"},
            "sk": {"S": "SESSION"},
            "version": {"N": "1"},
            "hash": {"S": digest},
            "account": {"S": self.id},
            "created_at": {"N": str(now * 1000)},
            "ends_at": {"N": str((now + 3600) * 1000)},
            "ttl": {"N": str(now + 3600)},
        }
        for row in (account, session):
            write_row(row)
        self.visitor = visitor()
        self.visitor.cookies["__Host-session"] = f"{self.id}.{secret}"

    def end_session(self) -> None:
        """What signing out does to the table, or the end of the session's time."""
        take_row(f"SESSION#{self.session_hash}", "SESSION")

    def expect(self, name: str = "cup.png") -> "Photo":
        """A photo that is granted."""
        return Photo(self, seed.PHOTOS / name)

    def upload(self, name: str = "cup.png") -> "Photo":
        """A photo whose bytes are there."""
        photo = self.expect(name)
        photo.send()
        return photo

    def develop(self, name: str = "cup.png") -> "Photo":
        """A photo that is ready, and its workflow done."""
        photo = self.upload(name)
        photo.settled()
        photo.ended()
        return photo

    def messages(self) -> list[dict]:
        """All messages of the library, as a browser asks for them that missed them."""
        return self.visitor.json("live/missed", after=0)["messages"]


def another(png: bytes) -> bytes:
    """The same picture in other bytes: a PNG with a text that no other has."""
    after_header = 33
    text = b"tEXtComment\0" + uuid.uuid4().hex.encode()
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return png[:after_header] + chunk + png[after_header:]


class Photo:
    """One photo of a person, granted."""

    def __init__(self, owner: Person, path: Path):
        self.owner = owner
        self.content = another(path.read_bytes())
        self.granted = seed.grant(owner.visitor, path.name, self.content)
        self.id = self.granted["photo"]["id"]
        self.original = f"originals/{owner.id}/{self.id}"
        self.job = {"photo": self.id, "library": owner.id, "generation": 1}

    def send(self) -> None:
        """The bytes, as the browser sends them."""
        seed.send(self.granted, self.content)

    def send_again(self) -> None:
        """The same bytes once more, past the grant, which allows them once."""
        client("s3").put_object(Bucket=STAGE.setting("originals-bucket"), Key=self.original, Body=self.content)

    def announce(self) -> None:
        """Says that the bytes are there, as the browser does."""
        self.owner.visitor.json("photos/announce", id=self.id)

    def seen(self) -> dict:
        """The photo as its owner sees it."""
        return self.owner.visitor.json("photos/photo", id=self.id)

    def row(self) -> dict | None:
        return read_row(f"PHOTO#{self.id}", "PHOTO")

    def settled(self) -> dict:
        """The photo, once it is ready or refused."""
        return until(f"{self.id} is ready or refused", lambda: (photo := self.seen())["state"]["is"] in ("ready", "refused") and photo)

    def comes_to(self, state: str) -> None:
        until(f"{self.id} is {state}", lambda: state_name(self.seen()["state"]) == state)

    def history(self) -> list[str]:
        return [state_name(step["state"]) for step in self.seen()["history"]]

    def executions(self) -> list[dict]:
        """The workflow's executions for this photo."""
        pages = client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=STAGE.setting("workflow"))
        return [one for page in pages for one in page["executions"] if one["name"].startswith(self.id)]

    def ended(self) -> str:
        """How its execution ended, once it has."""
        return until(f"the workflow of {self.id} ends", lambda: self._status() not in (None, "RUNNING") and self._status())

    def _status(self) -> str | None:
        return next((one["status"] for one in self.executions()), None)

    def files(self) -> dict[str, str]:
        """Its renditions: what the bytes are, by key."""
        bucket = STAGE.setting("media-bucket")
        listed = client("s3").list_objects_v2(Bucket=bucket, Prefix=f"media/{self.id}/")
        return {one["Key"]: one["ETag"] for one in listed.get("Contents", [])}


def state_name(state: dict) -> str:
    """A state in a word or two: `ready`, `developing 1`, `refused our_fault`."""
    more = state.get("done", state.get("reason", {}).get("because"))
    return state["is"] if more is None else f"{state['is']} {more}"


def secret_hash(username: str) -> str:
    """What shows the user pool that `web` asks about somebody: made with its client's secret, which a browser never sees."""
    here = {"UserPoolId": STAGE.setting("user-pool"), "ClientId": STAGE.setting("user-pool-client")}
    secret = client("cognito-idp").describe_user_pool_client(**here)["UserPoolClient"]["ClientSecret"]
    return base64.b64encode(hmac.digest(secret.encode(), f"{username}{here['ClientId']}".encode(), "sha256")).decode()


def invoke(door: str, payload: dict):
    """What a door answers, as the workflow asks it; fails when it failed."""
    answer = client("lambda").invoke(FunctionName=f"shoebox-{STAGE.name}-{door}", Payload=json.dumps(payload))
    said = json.load(answer["Payload"])
    if "FunctionError" in answer:
        raise AssertionError(f"{door} failed: {said}")
    return said
