"""Uploads through the deployed functions: multipart uploads, previews, and completion or abort by the function `scheduled-jobs`."""

import base64
import hashlib
import unittest
import uuid

from infra.tests.cloud.fixtures import STAGE, Person, client, read_row, seed, state_name, until, write_row
from infra.tests.cloud.test_scheduled_jobs import run_task

PART = 8 << 20


def large() -> bytes:
    """A real photo, with comments that make it large enough for a multipart upload."""
    photo = (seed.PHOTOS / "dogs.jpg").read_bytes()
    comment = b"\xff\xfe\xff\xff" + uuid.uuid4().hex.encode().ljust(0xFFFD, b".")
    return photo[:2] + comment * (2 * PART // len(comment) + 1) + photo[2:]


class Upload:
    """A granted multipart upload of a new person."""

    def __init__(self):
        self.owner = Person("ada")
        self.content = large()
        self.granted = seed.grant(self.owner.visitor, "dogs.jpg", self.content)
        self.id = self.granted["photo"]["id"]
        self.key = f"originals/{self.owner.id}/{self.id}"
        self.parts = range(1, -(-len(self.content) // PART) + 1)

    def call(self, function: str, **more):
        return self.owner.visitor.json(f"photos/{function}", id=self.id, **more)

    def send(self, *numbers: int) -> None:
        pieces = {number: self.content[(number - 1) * PART : number * PART] for number in numbers}
        signed = self.call("sign_parts", parts=[{"number": number, "sha256": seed.checksum(piece)} for number, piece in pieces.items()])
        for url, piece in zip(signed, pieces.values(), strict=True):
            seed.put(url, piece)

    def state(self) -> str:
        return state_name(self.call("photo")["state"])

    def row(self) -> dict:
        return read_row(f"PHOTO#{self.id}", "PHOTO")

    def expire_grant(self) -> None:
        """Makes the grant expired and due."""
        write_row(self.row() | {"grant_ends_at": {"N": "0"}, "due_sk": {"S": f"{0:015}#{self.id}"}})

    def unfinished(self) -> list[str]:
        """S3's unfinished multipart uploads of it."""
        bucket = STAGE.setting("originals-bucket")
        uploads = client("s3").list_multipart_uploads(Bucket=bucket, Prefix=self.key).get("Uploads", [])
        return [upload["UploadId"] for upload in uploads]


class Parts(unittest.TestCase):
    def test_an_interrupted_upload_resumes_with_the_missing_parts(self):
        upload = Upload()
        self.assertEqual(upload.granted["upload"], {"by": "parts", "there": []})
        upload.send(2)
        again = seed.grant(upload.owner.visitor, "dogs.jpg", upload.content)
        self.assertEqual((again["photo"]["id"], again["upload"]), (upload.id, {"by": "parts", "there": [2]}))
        upload.send(*(number for number in upload.parts if number != 2))
        upload.call("announce")
        until("it is ready", lambda: upload.state() == "ready")
        photo = upload.call("photo")
        self.assertEqual(photo["receipt"]["sha256"], seed.checksum(upload.content))
        self.assertTrue(photo["receipt"]["store"].endswith(f"-{len(upload.parts)}"))
        known = seed.grant(upload.owner.visitor, "a copy.jpg", upload.content)
        self.assertEqual((known["photo"]["id"], known.get("upload")), (upload.id, None))

    def test_a_cancelled_upload_leaves_no_parts(self):
        upload = Upload()
        upload.send(1)
        self.assertEqual(len(upload.unfinished()), 1)
        for _ in range(2):
            upload.call("give_up")
        self.assertEqual((upload.unfinished(), upload.state()), ([], "refused not_delivered"))

    def test_a_sweep_completes_full_uploads_and_aborts_partial_ones(self):
        full, partial = Upload(), Upload()
        full.send(*full.parts)
        partial.send(1)
        full.expire_grant()
        partial.expire_grant()
        for _ in range(2):
            run_task("sweep")
        until("it is ready", lambda: full.state() == "ready")
        self.assertEqual((partial.unfinished(), partial.state()), ([], "refused not_delivered"))


class Previews(unittest.TestCase):
    def test_a_preview_is_rendered_and_shown_until_the_photo_is_ready(self):
        ada = Person("ada")
        done, photo = ada.upload_and_process(), ada.grant()
        bucket, media = STAGE.setting("media-bucket"), done.fetch()["media"]["folder"]
        small = client("s3").get_object(Bucket=bucket, Key=f"media/{media}/320.jpg")["Body"].read()
        preview = {"size": {"width": 600, "height": 400}, "jpeg": base64.b64encode(small).decode()}
        for _ in range(2):
            shown = ada.visitor.json("photos/preview", id=photo.id, preview=preview)
        self.assertEqual((shown["state"]["is"], shown["size"]), ("expected", preview["size"]))
        ada.visitor.get("/")  # sets the media cookie
        seen = ada.visitor.get(f"/media/{shown['media']['folder']}/320?{shown['media']['proof']}")
        self.assertEqual(seen[:3], b"\xff\xd8\xff")
        self.assertNotEqual(seen, small)
        photo.send()
        self.assertNotEqual(photo.wait_until_settled()["media"]["folder"], shown["media"]["folder"])


class Claims(unittest.TestCase):
    def test_a_purge_deletes_the_claim(self):
        photo = Person("ada").upload_and_process()
        claim = f"LIBRARY#{photo.owner.id}", f"HASH#{hashlib.sha256(photo.content).hexdigest()}"
        self.assertEqual(read_row(*claim)["photo"], {"S": photo.id})
        trashed = {"trashed_at": {"N": "0"}, "due_pk": {"S": "PURGE"}, "due_sk": {"S": f"{0:015}#{photo.id}"}}
        write_row(photo.row() | trashed)
        until("it is purged", lambda: run_task("purge") and not photo.row())
        self.assertIsNone(read_row(*claim))
