"""Leaving, through the doors: a copy of everything, and a deletion after which nothing is left."""

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
from infra.tests.cloud.cast import STAGE, Photo, another, client, invoke, physical, read_row, seed, take_row, until, visitor, write_row
from infra.tests.cloud.test_api import PASSWORD, Account, ask
from infra.tests.cloud.test_notices import mails

# Rows that end by themselves within a month, and may say who it was until then.
ENDING = ("NOTICE#", "DONE#", "TRIES#")


class Leaver(Account):
    """Somebody with an account and a session who uploads photos."""

    def __init__(self, name: str):
        super().__init__(name)
        self.visitor = visitor()
        self.visitor.form("accounts/sign_in", email=self.email, password=PASSWORD)

    def expect(self, name: str) -> Photo:
        return Photo(self, seed.PHOTOS / name)

    def develop(self, name: str) -> Photo:
        photo = self.expect(name)
        photo.send()
        photo.settled()
        photo.ended()
        return photo

    def leave(self) -> None:
        self.visitor.form("accounts/leave", password=PASSWORD, sure="true")

    def exported(self) -> dict | None:
        told = self.visitor.form("accounts/exported")
        return None if told == "null" else told

    def fetch(self, number: int) -> bytes:
        """A part of the export, by the page's link."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.visitor.cookies.items())
        status, headers, _ = ask("GET", f"/account/export/{number}", Cookie=cookies)
        assert status == 303, status
        with urllib.request.urlopen(headers["Location"]) as answer:
            assert "attachment" in answer.headers["Content-Disposition"]
            return answer.read()

    def mails(self, subject: str) -> list[dict]:
        return [mail for mail in mails(self.email) if subject in mail["Subject"]]


def rows_about(*texts: str) -> list[str]:
    """The places of rows in which one of these stands."""
    # Nobody who leaves has photos of those that fill a library, and they may be very many.
    others = {"FilterExpression": "NOT begins_with(pk, :filled)", "ExpressionAttributeValues": {":filled": {"S": FILLED}}}
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=physical("state", "Table"), ConsistentRead=True, **others)
    rows = [row for page in pages for row in page["Items"]]
    return [f"{row['pk']['S']} {row['sk']['S']}" for row in rows if any(text in json.dumps(row) for text in texts)]


def files_about(*texts: str) -> list[str]:
    """Keys with one of these in them, of every version of every file that there is or was; and of unfinished uploads."""
    s3, found = client("s3"), []
    for bucket in (STAGE.setting("originals-bucket"), STAGE.setting("media-bucket")):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found += [one["Key"] for kind in ("Versions", "DeleteMarkers") for one in page.get(kind, [])]
        found += [one["Key"] for one in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]
    return [key for key in found if any(text in key for text in texts)]


def kept_checksum(leaver: Leaver) -> str | None:
    """What S3 keeps of the bytes of an account's export."""
    s3, bucket = client("s3"), STAGE.setting("media-bucket")
    (part,) = s3.list_objects_v2(Bucket=bucket, Prefix=f"exports/{leaver.id}/")["Contents"]
    return s3.head_object(Bucket=bucket, Key=part["Key"], ChecksumMode="ENABLED").get("ChecksumCRC32")


def checksum_of_one_piece(content: bytes) -> str:
    """The same, as S3 makes it of a file that was written in pieces: over the checksums of the pieces, and their number."""
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


def linked_user(leaver: Leaver) -> str:
    """Links the account to somebody at a provider, with the user that the pool makes for them; answers with its address."""
    there = f"there-{uuid.uuid4().hex[:12]}@shoebox.test"
    attributes = [{"Name": "email", "Value": there}]
    made = client("cognito-idp").admin_create_user(
        UserPoolId=STAGE.setting("user-pool"), Username=there, UserAttributes=attributes, MessageAction="SUPPRESS"
    )
    link = {
        "version": {"N": "2"},
        "hash": {"S": leaver.id},
        "provider": {"S": "Google"},
        "email": {"S": there},
        "account": {"S": leaver.id},
        "username": {"S": made["User"]["Username"]},
        "linked_at": {"N": "1763900000000"},
    }
    write_row({"pk": {"S": f"IDENTITY#{leaver.id}"}, "sk": {"S": "IDENTITY"}} | link)
    write_row({"pk": {"S": f"ACCOUNT#{leaver.id}"}, "sk": {"S": f"IDENTITY#{leaver.id}"}} | link)
    return there


def begin_session(leaver: Leaver) -> str:
    """A session, in both of its places; answers with its hash."""
    name, now = uuid.uuid4().hex, int(time.time())
    session = {
        "version": {"N": "3"},
        "hash": {"S": name},
        "account": {"S": leaver.id},
        "created_at": {"N": str(now * 1000)},
        "ends_at": {"N": str((now + 3600) * 1000)},
        "ttl": {"N": str(now + 3600)},
    }
    write_row({"pk": {"S": f"SESSION#{name}"}, "sk": {"S": "SESSION"}} | session)
    write_row({"pk": {"S": f"ACCOUNT#{leaver.id}"}, "sk": {"S": f"SESSION#{now * 1000:015}#{name}"}} | session)
    return name


def open_socket(leaver: Leaver, session: str) -> None:
    """A socket of a session that follows the library, in its three places."""
    name, now = uuid.uuid4().hex, int(time.time())
    socket = {
        "connection": {"S": name},
        "channel": {"M": {"of": {"S": "library"}, "id": {"S": leaver.id}}},
        "session": {"S": session},
        "opened_at": {"N": str(now * 1000)},
        "ttl": {"N": str(now + 3600)},
    }
    for pk, sk in [
        (f"SOCKET#{name}", "SOCKET"),
        (f"CHANNEL#library-{leaver.id}", f"SOCKET#{name}"),
        (f"SESSION#{session}", f"SOCKET#{name}"),
    ]:
        write_row({"pk": {"S": pk}, "sk": {"S": sk}} | socket)


class Exports(unittest.TestCase):
    def test_a_copy_of_everything_is_made_and_told_once(self):
        ada = Leaver("ada")
        cup, again, trashed, waits = ada.develop("cup.png"), ada.develop("cup.png"), ada.develop("cat.png"), ada.expect("cat.png")
        lost = ada.develop("cat.png")
        client("s3").delete_object(Bucket=STAGE.setting("originals-bucket"), Key=lost.original)
        token = ada.token()
        self.assertEqual(ask("DELETE", f"/api/v1/photos/{trashed.id}", token)[0], 204)
        self.assertIsNone(ada.exported())
        for _ in range(2):
            ada.visitor.form("accounts/export")
        done = until("the export is made", lambda: (export := ada.exported()) and export["state"] == "ready" and export)
        self.assertEqual([part["photos"] for part in done["parts"]], [5])
        content = ada.fetch(1)
        self.assertEqual(len(content), done["parts"][0]["bytes"])
        archive = zipfile.ZipFile(io.BytesIO(content))
        self.assertIsNone(archive.testzip())
        self.assertEqual(kept_checksum(ada), checksum_of_one_piece(content))
        photos = {photo["id"]: photo for photo in json.loads(archive.read("photos.json"))}
        self.assertEqual(set(photos), {cup.id, again.id, trashed.id, waits.id, lost.id})
        for photo in (cup, again, trashed):
            self.assertEqual(archive.read(photos[photo.id]["file"]), photo.content)
        self.assertTrue(photos[trashed.id]["file"].startswith("trash/"))
        self.assertEqual([photos[photo.id]["file"] for photo in (waits, lost)], [None, None])
        account = json.loads(archive.read("account.json"))
        self.assertEqual((account["email"], len(account["signed_in"])), (ada.email, 1))
        _, secret = ada.visitor.cookies["__Host-session"].split(".")
        self.assertNotIn(secret, archive.read("account.json").decode())
        self.assertEqual(len(until("the mail", lambda: ada.mails("export is ready"))), 1)

    def test_its_steps_twice_and_after_its_end_change_nothing(self):
        ada = Leaver("ada")
        ada.develop("cup.png")
        ada.visitor.form("accounts/export")
        until("the export is made", lambda: (export := ada.exported()) and export["state"] == "ready")
        before = read_row(f"ACCOUNT#{ada.id}", "EXPORT")
        step = {"account": ada.id, "export": before["id"]["S"]}
        for name in ("pack", "ready", "fail"):
            invoke("leaving", {"step": name} | step)
            invoke("leaving", {"step": name, "account": ada.id, "export": str(uuid.uuid4())})
        self.assertEqual(read_row(f"ACCOUNT#{ada.id}", "EXPORT"), before)
        self.assertEqual(len(until("the mail", lambda: ada.mails("export is ready"))), 1)

    def test_one_that_fails_says_so_and_can_be_asked_for_again(self):
        ada = Leaver("ada")
        photo = ada.develop("cup.png")
        row = photo.row()
        write_row(row | {"version": {"S": "of another world"}})
        ada.visitor.form("accounts/export")
        until("the export fails", lambda: (export := ada.exported()) and export["state"] == "failed")
        write_row(row)
        ada.visitor.form("accounts/export")
        until("the export is made", lambda: (export := ada.exported()) and export["state"] == "ready")
        until("the mail", lambda: ada.mails("export is ready"))

    def test_a_part_is_its_owners(self):
        ada, ben = Leaver("ada"), Leaver("ben")
        ada.visitor.form("accounts/export")
        until("the export is made", lambda: (export := ada.exported()) and export["state"] == "ready")
        until("the mail", lambda: ada.mails("export is ready"))
        for number in ("0", "2", "-1", "1e9", "../1", "99999999999999999999"):
            self.assertIn(ask("GET", f"/account/export/{number}", Cookie=cookie(ada))[0], (303, 404))
            self.assertNotIn("exports/", str(ask("GET", f"/account/export/{number}", Cookie=cookie(ada))[1]["Location"]))
        self.assertEqual(ask("GET", "/account/export/1", Cookie=cookie(ben))[1]["Location"], "/account?why=not_found")
        self.assertTrue(ask("GET", "/account/export/1")[1]["Location"].startswith("/sign-in?"))


def cookie(leaver: Leaver) -> str:
    return f"__Host-session={leaver.visitor.cookies['__Host-session']}"


class Deletion(unittest.TestCase):
    def test_nothing_is_left(self):
        ada, ben = Leaver("ada"), Leaver("ben")
        photos = [ada.develop("cup.png"), ada.develop("cat.png"), ada.expect("cup.png")]
        bens = ben.develop("cup.png")
        ada.visitor.form("accounts/choose_mails", kind="attempt", on="false")
        ada.visitor.form("accounts/export")
        until("the export is made", lambda: (export := ada.exported()) and export["state"] == "ready")
        there = linked_user(ada)
        hers = [ada.id, ada.email, there, *(photo.id for photo in photos)]
        until("a sidecar of the link", lambda: files_about(f"IDENTITY/{ada.id}"))
        self.assertTrue(rows_about(*hers) and files_about(*hers) and known(ada.email) and known(there))
        late = photos[2]
        ada.leave()
        self.assertEqual(ask("GET", "/account", Cookie=cookie(ada))[1]["Location"], "/sign-in?to=%2Faccount")
        with self.assertRaises(seed.Refused):
            ada.visitor.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        # By requests that were under way, and a signature of before.
        open_socket(ada, begin_session(ada))
        client("s3").create_multipart_upload(Bucket=STAGE.setting("originals-bucket"), Key=late.original)
        late.send()
        until("the receipt", lambda: ada.mails("is deleted"))
        self.assertEqual(files_about(*hers), [])
        self.assertEqual([place for place in rows_about(*hers) if not place.startswith(ENDING)], [])
        self.assertFalse(known(ada.email) or known(there))
        self.assertEqual(len(ada.mails("is deleted")), 1)
        self.assertEqual(bens.seen()["state"]["is"], "ready", "others keep theirs")

    def test_a_socket_that_its_ended_session_did_not_close_is_closed(self):
        ada = Leaver("ada")
        socket = BrowserSocket(ada)
        self.addCleanup(socket.close)
        # As if the stream were behind: with this row gone, `broadcast` does not find the socket by its session.
        [place] = [place for place in rows_about(ada.id) if place.startswith("SESSION#") and " SOCKET#" in place]
        take_row(*place.split())
        ada.leave()
        until("the socket is closed", socket.is_closed)
        until("the receipt", lambda: ada.mails("is deleted"))

    def test_its_steps_leave_alone_who_did_not_ask_and_can_be_done_again(self):
        ada = Leaver("ada")
        photo = ada.develop("cup.png")
        for name in ("erase", "settle", "close"):
            invoke("leaving", {"step": name, "account": ada.id})
        self.assertEqual(photo.seen()["state"]["is"], "ready")
        ada.leave()
        for name in ("settle", "erase", "erase", "settle"):
            invoke("leaving", {"step": name, "account": ada.id})
        until("the receipt", lambda: ada.mails("is deleted"))
        for name in ("erase", "settle", "close", "close"):
            invoke("leaving", {"step": name, "account": ada.id})
        self.assertEqual(files_about(ada.id, photo.id), [])
        self.assertEqual(len(ada.mails("is deleted")), 1)

    def test_it_wants_the_password_and_to_be_sure(self):
        ada = Leaver("ada")
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
