"""The function `scheduled-jobs`: scheduled jobs, their stored results, and key rotation."""

import base64
import contextlib
import hashlib
import hmac
import io
import json
import time
import unittest
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime

from infra import status
from infra.tests.cloud.fixtures import STAGE, Person, until, write_row
from infra.tests.cloud.listeners import Log, Queue

SCHEDULED_JOBS = f"shoebox-{STAGE.name}-scheduled-jobs"
SECRET = f"shoebox/{STAGE.name}"


def run_task(task: str, **options) -> dict:
    response = STAGE.client("lambda").invoke(FunctionName=SCHEDULED_JOBS, Payload=json.dumps({"task": task, **options}))
    body = json.loads(response["Payload"].read())
    assert "FunctionError" not in response, body
    return body


def run_of(task: str) -> dict | None:
    return next((run for run in status.runs(STAGE) if run["sk"] == task), None)


class Results(unittest.TestCase):
    def test_each_task_stores_its_result(self):
        for task, member in {"sweep": "given_up", "purge": "photos", "rotate": "valid", "verify": "originals"}.items():
            before = int(time.time() * 1000)
            result = run_task(task)
            stored = run_of(task)
            self.assertIn(member, result)
            self.assertEqual(json.loads(json.dumps(stored["result"], default=int)), result)
            self.assertTrue(stored["ok"])
            self.assertGreaterEqual(int(stored["began_at"]), before)

    def test_status_prints_the_results(self):
        run_task("sweep")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status.show(STAGE)
        self.assertRegex(output.getvalue(), r"sweep +ok +\d{4}-\d\d-\d\d")
        self.assertRegex(output.getvalue(), r"scheduled-jobs-dead-letters +\d+")


class Schedules(unittest.TestCase):
    def setUp(self):
        self.log = Log("scheduled-jobs")

    def schedule(self, *tasks: str):
        """Schedules the tasks for now."""
        schedules = STAGE.client("scheduler")
        target = schedules.get_schedule(Name=f"shoebox-{STAGE.name}-sweep")["Target"]
        for task in tasks:
            once = f"shoebox-{STAGE.name}-test-{uuid.uuid4().hex[:8]}"
            schedules.create_schedule(
                Name=once,
                ScheduleExpression=f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target=target | {"Input": json.dumps({"task": task})},
            )
            self.addCleanup(schedules.delete_schedule, Name=once)

    def wait_for_runs(self, task: str, times: int = 1):
        until(f"{task} ran {times} times", lambda: len(self.log.lines("the job ran", f'"task":"{task}"')) >= times)

    def test_a_repeated_sweep_ends_a_grant_once(self):
        photo = Person("ada").grant()
        write_row(photo.row() | {"grant_ends_at": {"N": "0"}, "due_sk": {"S": f"{0:015}#{photo.id}"}})
        self.schedule("sweep", "purge", "sweep")
        self.wait_for_runs("sweep", 2)
        self.wait_for_runs("purge")
        self.assertEqual(photo.history(), ["expected", "refused not_delivered"])
        self.assertTrue(run_of("sweep")["ok"])

    def test_an_unknown_task_is_retried_twice_and_becomes_a_dead_letter_while_others_succeed(self):
        unknown = f"tea {uuid.uuid4()}"
        self.schedule(unknown, "verify")
        self.wait_for_runs("verify")
        letter = Queue.of("notifications", "ScheduledJobsDeadLetters").wait_for_message("the event in the dead-letter queue", lambda body: unknown in body)
        self.assertEqual(json.loads(letter["Body"])["requestPayload"], {"task": unknown})
        self.assertEqual(self.log.wait_for_lines(3, "the event has another shape", unknown), 3)


class Keys(unittest.TestCase):
    """Access to a rendition through the CloudFront function, by signed link and cookie."""

    @classmethod
    def setUpClass(cls):
        cls.secrets = STAGE.client("secretsmanager")
        cls.before = cls.secrets.get_secret_value(SecretId=SECRET)["SecretString"]
        cls.folder = f"{uuid.uuid4()}/r/1"
        media = STAGE.setting("media-bucket")
        STAGE.client("s3").put_object(Bucket=media, Key=f"media/{cls.folder}/320.jpg", Body=b"a picture")

    @classmethod
    def tearDownClass(cls):
        # Running functions still sign with the key that they read at their start.
        cls.secrets.put_secret_value(SecretId=SECRET, SecretString=cls.before)
        run_task("rotate")

    def ring(self) -> list[dict]:
        return json.loads(self.secrets.get_secret_value(SecretId=SECRET)["SecretString"])["media_keys"]

    def status(self, key: dict) -> int:
        """The status for a link and a cookie signed with this key."""
        expiry = int(time.time()) + 300

        def signature(text: str) -> str:
            digest = hmac.new(key["key"].encode(), text.encode(), hashlib.sha256).digest()
            return base64.urlsafe_b64encode(digest).decode()[:22]

        link = f"k={key['id']}&e={expiry}&f=jpeg&s={signature(f'link:{self.folder}:{expiry}:jpeg')}"
        cookie = f"__Host-media={key['id']}.{expiry}.{signature(f'cookie:{expiry}')}"
        host = STAGE.setting("site-address").split("//")[1]
        request = urllib.request.Request(
            f"{STAGE.endpoint}/media/{self.folder}/320?{link}", headers={"Host": host, "Cookie": cookie}
        )
        try:
            with urllib.request.urlopen(request) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    def age(self) -> dict:
        """Makes the signing key older than its rotation period; returns the changed secret."""
        secret = json.loads(self.secrets.get_secret_value(SecretId=SECRET)["SecretString"])
        secret["media_keys"][0]["made_at"] -= 31 * 86_400_000
        self.secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps(secret))
        return secret

    def test_two_keys_are_valid_during_rotation(self):
        first = self.ring()[0]
        self.assertEqual(self.status(first), 200)
        self.assertIsNone(run_task("rotate")["new"], "the key is not old")
        self.assertEqual(self.ring()[0], first)

        self.age()
        run_task("rotate")
        second = self.ring()[0]
        self.assertNotEqual(second["key"], first["key"])
        self.assertEqual([self.status(first), self.status(second)], [200, 200])

        self.age()
        result = run_task("rotate")
        third = self.ring()[0]
        self.assertEqual(result, {"new": third["id"], "valid": [third["id"], second["id"]]})
        self.assertEqual([self.status(key) for key in (first, second, third)], [403, 200, 200])

    def test_leaked_keys_are_revoked_immediately(self):
        leaked = self.ring()
        result = run_task("rotate", at_once=True)
        (new,) = self.ring()
        self.assertEqual(result, {"new": new["id"], "valid": [new["id"]]})
        self.assertNotIn(new["id"], [key["id"] for key in leaked])
        self.assertEqual([self.status(key) for key in (*leaked, new)], [*(403 for _ in leaked), 200])

    def test_an_old_key_is_rotated_once(self):
        secret = self.age()
        old = self.ring()[0]
        self.assertIsNotNone(run_task("rotate")["new"])
        self.assertIsNone(run_task("rotate")["new"], "a repeated run does nothing")
        self.assertEqual([key["id"] for key in self.ring()][1:], [old["id"]])
        kept = json.loads(self.secrets.get_secret_value(SecretId=SECRET)["SecretString"])
        self.assertEqual(kept["owner_code"], secret["owner_code"])


class MissingSettings(unittest.TestCase):
    def test_a_function_logs_the_missing_setting(self):
        ssm, name = STAGE.client("ssm"), f"/shoebox/{STAGE.name}/media-keys"
        value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
        functions = STAGE.client("lambda")
        variables = functions.get_function_configuration(FunctionName=SCHEDULED_JOBS)["Environment"]["Variables"]

        def restart(stamp: str) -> None:
            functions.update_function_configuration(FunctionName=SCHEDULED_JOBS, Environment={"Variables": variables | {"SHOEBOX_SETTINGS": stamp}})

        def restore() -> None:
            ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
            restart(variables["SHOEBOX_SETTINGS"])

        self.addCleanup(restore)
        ssm.delete_parameter(Name=name)
        restart("without")
        response = functions.invoke(FunctionName=SCHEDULED_JOBS, Payload=b'{"task": "sweep"}')
        self.assertIn("FunctionError", response)
        self.assertIn(f"the SSM parameter {name} is missing", response["Payload"].read().decode())


if __name__ == "__main__":
    unittest.main()
