"""Account export and deletion through the deployed functions."""

import base64
import io
import json
import time
import unittest
import urllib.request
import uuid
import zipfile
import zlib

from infra.local.fill import FILLED
from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.fixtures import STAGE, Photo, client, invoke, physical_id, read_row, seed, delete_row, until, visitor, write_row
from infra.tests.cloud.test_api import PASSWORD, Account, send
from infra.tests.cloud.test_notifications import mails

# Rows that expire within a month, and may identify the account until then.
EXPIRING = ("NOTICE#", "DONE#", "TRIES#")


class User(Account):
    """A user with an account, a session and photos."""

    def __init__(self, name: str):
        super().__init__(name)
        self.visitor = visitor()
        self.visitor.form("accounts/sign_in", email=self.email, password=PASSWORD)

    def grant(self, name: str) -> Photo:
        return Photo(self, seed.PHOTOS / name)

    def upload_and_process(self, name: str) -> Photo:
        photo = self.grant(name)
        photo.send()
        photo.wait_until_settled()
        photo.wait_until_workflow_ended()
        return photo

    def delete_account(self) -> None:
        self.visitor.form("accounts/leave", password=PASSWORD, sure="true")

    def exported(self) -> dict | None:
        export = self.visitor.form("accounts/exported")
        return None if export == "null" else export

    def fetch(self, number: int) -> bytes:
        """Downloads a part of the export by the page's link."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.visitor.cookies.items())
        status, headers, _ = send("GET", f"/account/export/{number}", Cookie=cookies)
        assert status == 303, status
        with urllib.request.urlopen(headers["Location"]) as response:
            assert "attachment" in response.headers["Content-Disposition"]
            return response.read()

    def mails(self, subject: str) -> list[dict]:
        return [mail for mail in mails(self.email) if subject in mail["Subject"]]


def rows_about(*texts: str) -> list[str]:
    """The keys of rows that contain one of these texts."""
    # Rows of `infra.local.fill` are skipped: they may be very many, and the accounts here have none.
    others = {"FilterExpression": "NOT begins_with(pk, :filled)", "ExpressionAttributeValues": {":filled": {"S": FILLED}}}
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=physical_id("state", "Table"), ConsistentRead=True, **others)
    rows = [row for page in pages for row in page["Items"]]
    return [f"{row['pk']['S']} {row['sk']['S']}" for row in rows if any(text in json.dumps(row) for text in texts)]


def files_about(*texts: str) -> list[str]:
    """The keys that contain one of these texts, of all object versions, delete markers and unfinished multipart uploads."""
    s3, found = client("s3"), []
    for bucket in (STAGE.setting("originals-bucket"), STAGE.setting("media-bucket")):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found += [one["Key"] for kind in ("Versions", "DeleteMarkers") for one in page.get(kind, [])]
        found += [one["Key"] for one in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]
    return [key for key in found if any(text in key for text in texts)]


def sidecar_of(photo: Photo) -> list[dict]:
    """The current version of a photo's sidecar, unless it is deleted."""
    sidecars = {"Bucket": STAGE.setting("originals-bucket"), "Prefix": f"sidecars/PHOTO/{photo.id}/"}
    return client("s3").list_objects_v2(**sidecars).get("Contents", [])


def kept_checksum(user: User) -> str | None:
    """The checksum that S3 stores for an account's export."""
    s3, bucket = client("s3"), STAGE.setting("media-bucket")
    (part,) = s3.list_objects_v2(Bucket=bucket, Prefix=f"exports/{user.id}/")["Contents"]
    return s3.head_object(Bucket=bucket, Key=part["Key"], ChecksumMode="ENABLED").get("ChecksumCRC32")


def composite_checksum(content: bytes) -> str:
    """The composite checksum of a multipart upload with a single part."""
    digest = content
    for _ in range(2):
        digest = zlib.crc32(digest).to_bytes(4, "big")
    return f"{base64.b64encode(digest).decode()}-1"


def known(email: str) -> bool:
    cognito = client("cognito-idp")
    try:
        cognito.admin_get_user(UserPoolId=STAGE.setting("user-pool"), Username=email)
    except cognito.exceptions.UserNotFoundException:
        return False
    return True


def linked_user(user: User) -> str:
    """Links the account to a provider's user, with a user in the pool; returns that user's address."""
    address = f"there-{uuid.uuid4().hex[:12]}@shoebox.test"
    attributes = [{"Name": "email", "Value": address}]
    created = client("cognito-idp").admin_create_user(
        UserPoolId=STAGE.setting("user-pool"), Username=address, UserAttributes=attributes, MessageAction="SUPPRESS"
    )
    link = {
        "version": {"N": "2"},
        "hash": {"S": user.id},
        "provider": {"S": "Google"},
        "email": {"S": address},
        "account": {"S": user.id},
        "username": {"S": created["User"]["Username"]},
        "linked_at": {"N": "1763900000000"},
    }
    write_row({"pk": {"S": f"IDENTITY#{user.id}"}, "sk": {"S": "IDENTITY"}} | link)
    write_row({"pk": {"S": f"ACCOUNT#{user.id}"}, "sk": {"S": f"IDENTITY#{user.id}"}} | link)
    return address


def create_session(user: User) -> str:
    """Writes a session's two rows; returns its hash."""
    name, now = uuid.uuid4().hex, int(time.time())
    session = {
        "version": {"N": "3"},
        "hash": {"S": name},
        "account": {"S": user.id},
        "created_at": {"N": str(now * 1000)},
        "ends_at": {"N": str((now + 3600) * 1000)},
        "ttl": {"N": str(now + 3600)},
    }
    write_row({"pk": {"S": f"SESSION#{name}"}, "sk": {"S": "SESSION"}} | session)
    write_row({"pk": {"S": f"ACCOUNT#{user.id}"}, "sk": {"S": f"SESSION#{now * 1000:015}#{name}"}} | session)
    return name


def open_socket(user: User, session: str) -> None:
    """Writes the three rows of a session's socket that is subscribed to the library."""
    name, now = uuid.uuid4().hex, int(time.time())
    socket = {
        "connection": {"S": name},
        "channel": {"M": {"of": {"S": "library"}, "id": {"S": user.id}}},
        "session": {"S": session},
        "opened_at": {"N": str(now * 1000)},
        "ttl": {"N": str(now + 3600)},
    }
    for pk, sk in [
        (f"SOCKET#{name}", "SOCKET"),
        (f"CHANNEL#library-{user.id}", f"SOCKET#{name}"),
        (f"SESSION#{session}", f"SOCKET#{name}"),
    ]:
        write_row({"pk": {"S": pk}, "sk": {"S": sk}} | socket)


class Exports(unittest.TestCase):
    def test_an_export_has_everything_and_is_mailed_once(self):
        ada = User("ada")
        cup, second, trashed = (ada.upload_and_process(name) for name in ("cup.png", "cup.png", "cat.png"))
        pending, lost = ada.grant("cat.png"), ada.upload_and_process("cat.png")
        client("s3").delete_object(Bucket=STAGE.setting("originals-bucket"), Key=lost.original)
        token = ada.token()
        self.assertEqual(send("DELETE", f"/api/v1/photos/{trashed.id}", token)[0], 204)
        self.assertIsNone(ada.exported())
        for _ in range(2):
            ada.visitor.form("accounts/export")
        done = until("the export is ready", lambda: (export := ada.exported()) and export["state"] == "ready" and export)
        self.assertEqual([part["photos"] for part in done["parts"]], [5])
        content = ada.fetch(1)
        self.assertEqual(len(content), done["parts"][0]["bytes"])
        archive = zipfile.ZipFile(io.BytesIO(content))
        self.assertIsNone(archive.testzip())
        self.assertEqual(kept_checksum(ada), composite_checksum(content))
        photos = {photo["id"]: photo for photo in json.loads(archive.read("photos.json"))}
        self.assertEqual(set(photos), {cup.id, second.id, trashed.id, pending.id, lost.id})
        for photo in (cup, second, trashed):
            self.assertEqual(archive.read(photos[photo.id]["file"]), photo.content)
        self.assertTrue(photos[trashed.id]["file"].startswith("trash/"))
        self.assertEqual([photos[photo.id]["file"] for photo in (pending, lost)], [None, None])
        account = json.loads(archive.read("account.json"))
        self.assertEqual((account["email"], len(account["signed_in"])), (ada.email, 1))
        _, secret = ada.visitor.cookies["__Host-session"].split(".")
        self.assertNotIn(secret, archive.read("account.json").decode())
        self.assertEqual(len(until("the mail", lambda: ada.mails("export is ready"))), 1)

    def test_its_steps_are_idempotent_and_do_nothing_after_its_end(self):
        ada = User("ada")
        ada.upload_and_process("cup.png")
        ada.visitor.form("accounts/export")
        until("the export is ready", lambda: (export := ada.exported()) and export["state"] == "ready")
        before = read_row(f"ACCOUNT#{ada.id}", "EXPORT")
        step = {"account": ada.id, "export": before["id"]["S"]}
        for name in ("pack", "ready", "fail"):
            invoke("account-data", {"step": name} | step)
            invoke("account-data", {"step": name, "account": ada.id, "export": str(uuid.uuid4())})
        self.assertEqual(read_row(f"ACCOUNT#{ada.id}", "EXPORT"), before)
        self.assertEqual(len(until("the mail", lambda: ada.mails("export is ready"))), 1)

    def test_a_failed_export_is_reported_and_can_be_repeated(self):
        ada = User("ada")
        photo = ada.upload_and_process("cup.png")
        row = photo.row()
        write_row(row | {"version": {"S": "of another world"}})
        ada.visitor.form("accounts/export")
        until("the export fails", lambda: (export := ada.exported()) and export["state"] == "failed")
        write_row(row)
        ada.visitor.form("accounts/export")
        until("the export is ready", lambda: (export := ada.exported()) and export["state"] == "ready")
        until("the mail", lambda: ada.mails("export is ready"))

    def test_only_the_owner_can_download_a_part(self):
        ada, ben = User("ada"), User("ben")
        ada.visitor.form("accounts/export")
        until("the export is ready", lambda: (export := ada.exported()) and export["state"] == "ready")
        until("the mail", lambda: ada.mails("export is ready"))
        for number in ("0", "2", "-1", "1e9", "../1", "99999999999999999999"):
            self.assertIn(send("GET", f"/account/export/{number}", Cookie=cookie(ada))[0], (303, 404))
            self.assertNotIn("exports/", str(send("GET", f"/account/export/{number}", Cookie=cookie(ada))[1]["Location"]))
        self.assertEqual(send("GET", "/account/export/1", Cookie=cookie(ben))[1]["Location"], "/account?why=not_found")
        self.assertTrue(send("GET", "/account/export/1")[1]["Location"].startswith("/sign-in?"))


def cookie(user: User) -> str:
    return f"__Host-session={user.visitor.cookies['__Host-session']}"


class Deletion(unittest.TestCase):
    def test_everything_is_deleted(self):
        ada, ben = User("ada"), User("ben")
        photos = [ada.upload_and_process("cup.png"), ada.upload_and_process("cat.png"), ada.grant("cup.png")]
        bens = ben.upload_and_process("cup.png")
        ada.visitor.form("accounts/choose_mails", kind="attempt", on="false")
        ada.visitor.form("accounts/export")
        until("the export is ready", lambda: (export := ada.exported()) and export["state"] == "ready")
        linked = linked_user(ada)
        hers = [ada.id, ada.email, linked, *(photo.id for photo in photos)]
        until("a sidecar of the link", lambda: files_about(f"IDENTITY/{ada.id}"))
        self.assertTrue(rows_about(*hers) and files_about(*hers) and known(ada.email) and known(linked))
        late = photos[2]
        ada.delete_account()
        self.assertEqual(send("GET", "/account", Cookie=cookie(ada))[1]["Location"], "/sign-in?to=%2Faccount")
        with self.assertRaises(seed.Refused):
            ada.visitor.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        # Writes of concurrent requests, and an upload by an earlier presigned URL.
        open_socket(ada, create_session(ada))
        client("s3").create_multipart_upload(Bucket=STAGE.setting("originals-bucket"), Key=late.original)
        late.send()
        until("the receipt", lambda: ada.mails("is deleted"))
        self.assertEqual(files_about(*hers), [])
        self.assertEqual([key for key in rows_about(*hers) if not key.startswith(EXPIRING)], [])
        self.assertFalse(known(ada.email) or known(linked))
        self.assertEqual(len(ada.mails("is deleted")), 1)
        self.assertEqual(bens.fetch()["state"]["is"], "ready", "other accounts are unchanged")

    def test_a_socket_that_outlives_its_session_is_closed(self):
        ada = User("ada")
        socket = BrowserSocket(ada)
        self.addCleanup(socket.close)
        # Simulates a delayed stream: without this row, `broadcast` does not find the session's socket.
        [key] = [key for key in rows_about(ada.id) if key.startswith("SESSION#") and " SOCKET#" in key]
        delete_row(*key.split())
        ada.delete_account()
        until("the socket is closed", socket.is_closed)
        until("the receipt", lambda: ada.mails("is deleted"))

    def test_its_steps_require_a_request_and_are_idempotent(self):
        ada = User("ada")
        photo = ada.upload_and_process("cup.png")
        for name in ("erase", "settle", "close"):
            invoke("account-data", {"step": name, "account": ada.id})
        self.assertEqual(photo.fetch()["state"]["is"], "ready")
        ada.delete_account()
        for name in ("settle", "erase", "erase"):
            invoke("account-data", {"step": name, "account": ada.id})
        # The workflow also settles only once the stream has published the deletions.
        until("the sidecar is deleted", lambda: not sidecar_of(photo))
        for name in ("settle", "settle"):
            invoke("account-data", {"step": name, "account": ada.id})
        until("the receipt", lambda: ada.mails("is deleted"))
        for name in ("erase", "settle", "close", "close"):
            invoke("account-data", {"step": name, "account": ada.id})
        self.assertEqual(files_about(ada.id, photo.id), [])
        self.assertEqual(len(ada.mails("is deleted")), 1)

    def test_it_requires_the_password_and_a_confirmation(self):
        ada = User("ada")
        for fields, why in [
            ({"password": "not hers at all", "sure": "true"}, "wrong_password"),
            ({"password": PASSWORD}, "not_sure"),
            ({"password": PASSWORD, "sure": "false"}, "not_sure"),
        ]:
            with self.assertRaisesRegex(seed.Refused, why):
                ada.visitor.form("accounts/leave", **fields)
        self.assertTrue(known(ada.email) and read_row(f"ACCOUNT#{ada.id}", "ACCOUNT"))


if __name__ == "__main__":
    unittest.main()
