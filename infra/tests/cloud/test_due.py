"""Due photos: the jobs of the function `scheduled-jobs`, with its own role."""

import json
import time
import unittest

from infra.tests.cloud.rows import OUTPUTS, STAGE, expected_photo, get, original_key, put, ready_photo, until

DAY = 86_400_000


def run_task(task: str) -> None:
    response = STAGE.client("lambda").invoke(FunctionName=f"shoebox-{STAGE.name}-scheduled-jobs", Payload=json.dumps({"task": task}))
    body = response["Payload"].read().decode()
    assert "FunctionError" not in response, body


def due(sweep: str, photo: dict, at: int) -> dict:
    return {"due_pk": sweep, "due_sk": f"{at:015}#{photo['id']}"}


class Due(unittest.TestCase):
    def test_a_grant_without_an_upload_expires(self):
        photo, ended = expected_photo(), int(time.time() * 1000) - DAY
        put(photo | {"grant_ends_at": ended} | due("GRANT", photo, ended))
        run_task("sweep")
        self.assertEqual(get(photo)["state"], {"is": "refused", "reason": {"because": "not_delivered"}})

    def test_an_upload_whose_event_was_lost_is_processed(self):
        photo, ended = ready_photo(), int(time.time() * 1000) - DAY
        reset = {"state": {"is": "expected"}, "generation": 2, "formats": [], "grant_ends_at": ended}
        put(photo | reset | {"revision": photo["revision"] + 1, "history": photo["history"][:1]} | due("GRANT", photo, ended))
        run_task("sweep")
        until("the photo is ready again", lambda: (current := get(photo))["generation"] == 2 and current["state"]["is"] == "ready")

    def test_a_purge_deletes_everything_of_a_trashed_photo(self):
        photo, trashed = ready_photo(), int(time.time() * 1000) - 31 * DAY
        trash = {"timeline_pk": f"TRASH#{photo['library']}", "trashed_at": trashed, "revision": photo["revision"] + 1}
        put(photo | trash | due("PURGE", photo, trashed + 30 * DAY))
        s3 = STAGE.client("s3")
        renditions = {"Bucket": OUTPUTS["MediaBucket"], "Prefix": f"media/{photo['id']}/"}
        self.assertGreater(s3.list_objects_v2(**renditions)["KeyCount"], 0)
        run_task("purge")
        self.assertIsNone(get(photo))
        self.assertEqual(s3.list_objects_v2(**renditions)["KeyCount"], 0)
        self.assertNotIn("Versions", s3.list_object_versions(Bucket=OUTPUTS["OriginalsBucket"], Prefix=original_key(photo)))


if __name__ == "__main__":
    unittest.main()
