"""Fixtures for tests of the deployed local cloud: people, photos and rows."""

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
# Longer than all retries of any function.
TIMEOUT_SECONDS = 300
# The history of a photo that was processed without failures.
FULL_HISTORY = ["expected", "received", "developing 0", "developing 1", "developing 2", "ready"]
# The last format of the history makes the photo ready in the same write; AVIF joins later.
PUBLISHED_STATES = [*FULL_HISTORY[:4], "ready", "ready"]
"""The states in the published messages: after the photo is ready, AVIF is added."""

client = functools.cache(STAGE.client)


def until(what: str, poll):
    """The first truthy result of `poll`; fails with `what` after a timeout."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        result = poll()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"timed out after {TIMEOUT_SECONDS} s: {what}")
        time.sleep(STAGE.pause)


def avoid_window_end(seconds: int) -> None:
    """Waits if a rate limit's window ends within a minute, since attempts are counted by window."""
    until("the window does not end soon", lambda: time.time() % seconds < seconds - 60)


def request(method: str, path: str, body: bytes | None, headers: dict[str, str], source: str | None = None):
    """Status, headers and body of the local cloud's response; `source` is the client's loopback address."""
    connection = http.client.HTTPConnection("127.0.0.1", STAGE.port, timeout=60, source_address=(source, 0) if source else None)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.headers, content


@functools.cache
def physical_id(stack: str, logical: str) -> str:
    """The physical id of a template's resource."""
    response = client("cloudformation").describe_stack_resource(StackName=STAGE.stack(stack), LogicalResourceId=logical)
    return response["StackResourceDetail"]["PhysicalResourceId"]


def read_row(pk: str, sk: str) -> dict | None:
    """A row in DynamoDB's JSON format."""
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    return client("dynamodb").get_item(TableName=physical_id("state", "Table"), Key=key, ConsistentRead=True).get("Item")


def write_row(row: dict) -> None:
    """Puts a row unconditionally."""
    client("dynamodb").put_item(TableName=physical_id("state", "Table"), Item=row)


def delete_row(pk: str, sk: str) -> None:
    """Deletes a row, if it exists."""
    client("dynamodb").delete_item(TableName=physical_id("state", "Table"), Key={"pk": {"S": pk}, "sk": {"S": sk}})


def hash_of(secret: str) -> str:
    """The hash that is stored in place of a secret, or of an address in a key."""
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode().rstrip("=")


def write_unreadable(photo: str) -> None:
    """Writes a photo's row of an unknown version, which cannot be parsed."""
    write_row({"pk": {"S": f"PHOTO#{photo}"}, "sk": {"S": "PHOTO"}, "version": {"S": "of another world"}})


def visitor() -> seed.Visitor:
    """A browser without cookies."""
    return seed.Visitor(STAGE.setting("site-address"))


class Person:
    """A user with an account and a session.

    The rows are written directly, as in `server/src/accounts/records.rs`, because the first sign-up becomes the site's owner, which the
    browser tests need.
    """

    def __init__(self, name: str):
        self.id = str(uuid.uuid4())
        self.email = f"{name}@example.org"
        secret = secrets.token_urlsafe(32)
        self.session_hash = digest = hash_of(secret)
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
        """Deletes the session's row, as signing out or expiry does."""
        delete_row(f"SESSION#{self.session_hash}", "SESSION")

    def grant(self, name: str = "cup.png") -> "Photo":
        """A photo with a granted upload."""
        return Photo(self, seed.PHOTOS / name)

    def upload(self, name: str = "cup.png") -> "Photo":
        """A photo with its original uploaded."""
        photo = self.grant(name)
        photo.send()
        return photo

    def upload_and_process(self, name: str = "cup.png") -> "Photo":
        """A photo that is ready, with its workflow ended."""
        photo = self.upload(name)
        photo.wait_until_settled()
        photo.wait_until_workflow_ended()
        return photo

    def messages(self) -> list[dict]:
        """All messages of the library, by the request for missed messages."""
        return self.visitor.json("live/missed", after=0)["messages"]


def another(png: bytes) -> bytes:
    """The same image with other bytes: a PNG with a unique comment."""
    after_header = 33
    text = b"tEXtComment\0" + uuid.uuid4().hex.encode()
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return png[:after_header] + chunk + png[after_header:]


class Photo:
    """A photo of a person, with a granted upload."""

    def __init__(self, owner: Person, path: Path):
        self.owner = owner
        self.content = another(path.read_bytes())
        self.granted = seed.grant(owner.visitor, path.name, self.content)
        self.id = self.granted["photo"]["id"]
        self.original = f"originals/{owner.id}/{self.id}"
        self.job = {"photo": self.id, "library": owner.id, "generation": 1}

    def send(self) -> None:
        """Uploads the original by the presigned URL."""
        seed.send(self.granted, self.content)

    def send_again(self) -> None:
        """Writes the original again directly, since the presigned URL is valid once."""
        client("s3").put_object(Bucket=STAGE.setting("originals-bucket"), Key=self.original, Body=self.content)

    def announce(self) -> None:
        """Announces the uploaded original, as the browser does."""
        self.owner.visitor.json("photos/announce", id=self.id)

    def fetch(self) -> dict:
        """The photo from the owner's view."""
        return self.owner.visitor.json("photos/photo", id=self.id)

    def row(self) -> dict | None:
        return read_row(f"PHOTO#{self.id}", "PHOTO")

    def wait_until_settled(self) -> dict:
        """Waits until the photo is ready or refused, and returns it."""
        return until(f"{self.id} is ready or refused", lambda: (photo := self.fetch())["state"]["is"] in ("ready", "refused") and photo)

    def wait_until(self, state: str) -> None:
        until(f"{self.id} is {state}", lambda: state_name(self.fetch()["state"]) == state)

    def history(self) -> list[str]:
        return [state_name(step["state"]) for step in self.fetch()["history"]]

    def executions(self) -> list[dict]:
        """The state machine's executions for this photo."""
        pages = client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=STAGE.setting("workflow"))
        return [one for page in pages for one in page["executions"] if one["name"].startswith(self.id)]

    def wait_until_workflow_ended(self) -> str:
        """Waits until the execution has ended, and returns its status."""
        return until(f"the workflow of {self.id} ends", lambda: self._status() not in (None, "RUNNING") and self._status())

    def _status(self) -> str | None:
        return next((one["status"] for one in self.executions()), None)

    def files(self) -> dict[str, str]:
        """ETags of the renditions, by key."""
        bucket = STAGE.setting("media-bucket")
        listed = client("s3").list_objects_v2(Bucket=bucket, Prefix=f"media/{self.id}/")
        return {one["Key"]: one["ETag"] for one in listed.get("Contents", [])}


def state_name(state: dict) -> str:
    """A short form of a state: `ready`, `developing 1`, `refused our_fault`."""
    detail = state.get("done", state.get("reason", {}).get("because"))
    return state["is"] if detail is None else f"{state['is']} {detail}"


def secret_hash(username: str) -> str:
    """Cognito's SECRET_HASH for a user, from the client secret of `web`."""
    ids = {"UserPoolId": STAGE.setting("user-pool"), "ClientId": STAGE.setting("user-pool-client")}
    secret = client("cognito-idp").describe_user_pool_client(**ids)["UserPoolClient"]["ClientSecret"]
    return base64.b64encode(hmac.digest(secret.encode(), f"{username}{ids['ClientId']}".encode(), "sha256")).decode()


def invoke(function: str, payload: dict):
    """Invokes a function synchronously and returns its response; fails if the function failed."""
    response = client("lambda").invoke(FunctionName=f"shoebox-{STAGE.name}-{function}", Payload=json.dumps(payload))
    result = json.load(response["Payload"])
    if "FunctionError" in response:
        raise AssertionError(f"{function} failed: {result}")
    return result
