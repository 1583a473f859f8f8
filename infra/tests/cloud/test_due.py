"""What the clock does to a photo that is due, by the rights of its own role."""

import json
import time
import unittest

from infra.tests.cloud.rows import OUTPUTS, STAGE, expected_photo, get, original_key, put, ready_photo, until

DAY = 86_400_000


def tick(task: str) -> None:
    answer = STAGE.client("lambda").invoke(FunctionName=f"shoebox-{STAGE.name}-clock", Payload=json.dumps({"task": task}))
    said = answer["Payload"].read().decode()
    assert "FunctionError" not in answer, said


def due(sweep: str, photo: dict, at: int) -> dict:
    return {"due_pk": sweep, "due_sk": f"{at:015}#{photo['id']}"}


class Due(unittest.TestCase):
    def test_a_grant_whose_bytes_never_came_ends(self):
        photo, ended = expected_photo(), int(time.time() * 1000) - DAY
        put(photo | {"grant_ends_at": ended} | due("GRANT", photo, ended))
        tick("sweep")
        self.assertEqual(get(photo)["state"], {"is": "refused", "reason": {"because": "not_delivered"}})

    def test_bytes_that_nobody_heard_of_are_developed(self):
        photo, ended = ready_photo(), int(time.time() * 1000) - DAY
        again = {"state": {"is": "expected"}, "generation": 2, "formats": [], "grant_ends_at": ended}
        put(photo | again | {"revision": photo["revision"] + 1, "history": photo["history"][:1]} | due("GRANT", photo, ended))
        tick("sweep")
        until("the photo is ready again", lambda: (there := get(photo))["generation"] == 2 and there["state"]["is"] == "ready")

    def test_of_a_photo_that_lay_in_the_trash_nothing_is_left(self):
        photo, trashed = ready_photo(), int(time.time() * 1000) - 31 * DAY
        place = {"timeline_pk": f"TRASH#{photo['library']}", "trashed_at": trashed, "revision": photo["revision"] + 1}
        put(photo | place | due("PURGE", photo, trashed + 30 * DAY))
        s3 = STAGE.client("s3")
        renditions = {"Bucket": OUTPUTS["MediaBucket"], "Prefix": f"media/{photo['id']}/"}
        self.assertGreater(s3.list_objects_v2(**renditions)["KeyCount"], 0)
        tick("purge")
        self.assertIsNone(get(photo))
        self.assertEqual(s3.list_objects_v2(**renditions)["KeyCount"], 0)
        self.assertNotIn("Versions", s3.list_object_versions(Bucket=OUTPUTS["OriginalsBucket"], Prefix=original_key(photo)))


if __name__ == "__main__":
    unittest.main()
