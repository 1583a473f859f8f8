"""The clock, as its schedules wake it: what it leaves for the operator, and keys of which two are valid at a time."""

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
from infra.tests.cloud.cast import STAGE, Person, until, write_row
from infra.tests.cloud.ears import Log, Queue

CLOCK = f"shoebox-{STAGE.name}-clock"
SECRET = f"shoebox/{STAGE.name}"


def tick(task: str, **more) -> dict:
    answer = STAGE.client("lambda").invoke(FunctionName=CLOCK, Payload=json.dumps({"task": task, **more}))
    body = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, body
    return body


def run_of(task: str) -> dict | None:
    return next((run for run in status.runs(STAGE) if run["sk"] == task), None)


class Results(unittest.TestCase):
    def test_each_task_leaves_its_result(self):
        for task, member in {"sweep": "given_up", "purge": "photos", "rotate": "valid", "verify": "originals"}.items():
            before = int(time.time() * 1000)
            done = tick(task)
            left = run_of(task)
            self.assertIn(member, done)
            self.assertEqual(json.loads(json.dumps(left["result"], default=int)), done)
            self.assertTrue(left["ok"])
            self.assertGreaterEqual(int(left["began_at"]), before)

    def test_the_operator_reads_it(self):
        tick("sweep")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status.show(STAGE)
        self.assertRegex(said.getvalue(), r"sweep +ok +\d{4}-\d\d-\d\d")
        self.assertRegex(said.getvalue(), r"clock-dead-letters +\d+")


class Schedules(unittest.TestCase):
    def setUp(self):
        self.log = Log("clock")

    def wake(self, *tasks: str):
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

    def ran(self, task: str, times: int = 1):
        until(f"{task} ran {times} times", lambda: len(self.log.lines("the clock ran", f'"task":"{task}"')) >= times)

    def test_a_tick_that_comes_twice_ends_a_grant_once(self):
        photo = Person("ada").expect()
        write_row(photo.row() | {"grant_ends_at": {"N": "0"}, "due_sk": {"S": f"{0:015}#{photo.id}"}})
        self.wake("sweep", "purge", "sweep")
        self.ran("sweep", 2)
        self.ran("purge")
        self.assertEqual(photo.history(), ["expected", "refused not_delivered"])
        self.assertTrue(run_of("sweep")["ok"])

    def test_a_task_that_it_does_not_know_is_tried_three_times_and_left_as_a_dead_letter_while_others_go_on(self):
        stray = f"tea {uuid.uuid4()}"
        self.wake(stray, "verify")
        self.ran("verify")
        letter = Queue.of("notices", "ClockDeadLetters").message("the tick among the dead letters", lambda body: stray in body)
        self.assertEqual(json.loads(letter["Body"])["requestPayload"], {"task": stray})
        self.assertEqual(self.log.settled_lines(3, "the event has another shape", stray), 3)


class Keys(unittest.TestCase):
    """A picture at the edge, and who may see it."""

    @classmethod
    def setUpClass(cls):
        cls.secrets = STAGE.client("secretsmanager")
        cls.before = cls.secrets.get_secret_value(SecretId=SECRET)["SecretString"]
        cls.folder = f"{uuid.uuid4()}/r/1"
        media = STAGE.setting("media-bucket")
        STAGE.client("s3").put_object(Bucket=media, Key=f"media/{cls.folder}/320.jpg", Body=b"a picture")

    @classmethod
    def tearDownClass(cls):
        # Warm functions sign with the key that they read at their start.
        cls.secrets.put_secret_value(SecretId=SECRET, SecretString=cls.before)
        tick("rotate")

    def ring(self) -> list[dict]:
        return json.loads(self.secrets.get_secret_value(SecretId=SECRET)["SecretString"])["media_keys"]

    def status(self, key: dict) -> int:
        """What the edge says to a link and a cookie that this key signed."""
        ends = int(time.time()) + 300

        def signature(text: str) -> str:
            digest = hmac.new(key["key"].encode(), text.encode(), hashlib.sha256).digest()
            return base64.urlsafe_b64encode(digest).decode()[:22]

        link = f"k={key['id']}&e={ends}&f=jpeg&s={signature(f'link:{self.folder}:{ends}:jpeg')}"
        cookie = f"__Host-media={key['id']}.{ends}.{signature(f'cookie:{ends}')}"
        host = STAGE.setting("site-address").split("//")[1]
        request = urllib.request.Request(
            f"{STAGE.endpoint}/media/{self.folder}/320?{link}", headers={"Host": host, "Cookie": cookie}
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def age(self) -> dict:
        """Makes the key that signs older than it may get; answers with the secret as it is then."""
        secret = json.loads(self.secrets.get_secret_value(SecretId=SECRET)["SecretString"])
        secret["media_keys"][0]["made_at"] -= 31 * 86_400_000
        self.secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps(secret))
        return secret

    def test_two_are_valid_while_they_rotate(self):
        first = self.ring()[0]
        self.assertEqual(self.status(first), 200)
        self.assertIsNone(tick("rotate")["new"], "it is not old")
        self.assertEqual(self.ring()[0], first)

        self.age()
        tick("rotate")
        second = self.ring()[0]
        self.assertNotEqual(second["key"], first["key"])
        self.assertEqual([self.status(first), self.status(second)], [200, 200])

        self.age()
        done = tick("rotate")
        third = self.ring()[0]
        self.assertEqual(done, {"new": third["id"], "valid": [third["id"], second["id"]]})
        self.assertEqual([self.status(key) for key in (first, second, third)], [403, 200, 200])

    def test_one_that_leaked_is_ended_at_once(self):
        leaked = self.ring()
        done = tick("rotate", at_once=True)
        (new,) = self.ring()
        self.assertEqual(done, {"new": new["id"], "valid": [new["id"]]})
        self.assertNotIn(new["id"], [key["id"] for key in leaked])
        self.assertEqual([self.status(key) for key in (*leaked, new)], [*(403 for _ in leaked), 200])

    def test_an_old_key_is_followed_by_another(self):
        secret = self.age()
        old = self.ring()[0]
        self.assertIsNotNone(tick("rotate")["new"])
        self.assertIsNone(tick("rotate")["new"], "woken twice, it does so once")
        self.assertEqual([key["id"] for key in self.ring()][1:], [old["id"]])
        kept = json.loads(self.secrets.get_secret_value(SecretId=SECRET)["SecretString"])
        self.assertEqual(kept["owner_code"], secret["owner_code"])


class MissingSettings(unittest.TestCase):
    def test_a_function_names_the_setting_that_it_misses(self):
        ssm, name = STAGE.client("ssm"), f"/shoebox/{STAGE.name}/media-keys"
        value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
        functions = STAGE.client("lambda")
        there = functions.get_function_configuration(FunctionName=CLOCK)["Environment"]["Variables"]

        def start_anew(stamp: str) -> None:
            functions.update_function_configuration(FunctionName=CLOCK, Environment={"Variables": there | {"SHOEBOX_SETTINGS": stamp}})

        def put_back() -> None:
            ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
            start_anew(there["SHOEBOX_SETTINGS"])

        self.addCleanup(put_back)
        ssm.delete_parameter(Name=name)
        start_anew("without")
        answer = functions.invoke(FunctionName=CLOCK, Payload=b'{"task": "sweep"}')
        self.assertIn("FunctionError", answer)
        self.assertIn(f"the SSM parameter {name} is missing", answer["Payload"].read().decode())


if __name__ == "__main__":
    unittest.main()
