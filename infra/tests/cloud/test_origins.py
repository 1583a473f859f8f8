"""The local cloud answers this machine and its own pages, and no page from elsewhere."""

import http.client
import re
import unittest
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.cast import STAGE, Person, client, request, seed, state_name, until

PHOTO = seed.PHOTOS / "dogs.jpg"
ELSEWHERE = "http://elsewhere.test"
HERE = f"127.0.0.1:{STAGE.port}"
# The cloud's own addresses as its source names them, but for the site's API, which looks at origins itself.
NAMED = set(re.findall(r'"(/_(?:ministack|localstack|alb|aws)/[\w./-]*)"', Path(find_spec("ministack").origin).with_name("app.py").read_text()))
PLACES = sorted(NAMED - {"/_aws/execute-api/"} | {"/", "/health", "/_ministack/nothing", "/2015-03-31/functions/"})
CONTROL = [(method, place) for place in PLACES for method in ("GET", "POST", "PUT", "OPTIONS")]
FOREIGN = [
    {"Origin": ELSEWHERE},
    {"Origin": "null"},
    {"Origin": f"http://{HERE}.elsewhere.test"},
    # Another page of this machine is not ours.
    {"Origin": f"http://127.0.0.1:{STAGE.port + 1}"},
    {"Origin": f"https://{HERE}"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    {"Host": "elsewhere.test"},
    {"Host": f"elsewhere.test:{STAGE.port}"},
    {"Host": f"127.0.0.1.elsewhere.test:{STAGE.port}", "Origin": f"http://127.0.0.1.elsewhere.test:{STAGE.port}"},
    # Names that mean this machine, of things that are not there.
    {"Host": f"nothing.cloudfront.localhost:{STAGE.port}", "Origin": ELSEWHERE},
]


def ask(method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, http.client.HTTPMessage]:
    """Status and headers of an answer of the local cloud."""
    return request(method, path, body, {"Host": HERE, **headers})[:2]


class OtherPages(unittest.TestCase):
    def test_the_control_plane_refuses_them(self):
        self.assertLessEqual({"/_ministack/reset", "/_ministack/config", "/_ministack/ses/messages"}, set(PLACES))
        for method, path in CONTROL:
            for headers in FOREIGN:
                with self.subTest(f"{method} {path}", **headers):
                    status, answered = ask(method, path, **headers)
                    self.assertEqual((status, answered["Access-Control-Allow-Origin"]), (403, None))

    def test_a_signature_opens_nothing_to_them(self):
        signed = client("sns").generate_presigned_url("list_topics")
        target = signed.removeprefix(STAGE.endpoint)
        self.assertEqual(ask("GET", target)[0], 200)
        site = urlsplit(STAGE.setting("site-address")).netloc
        for host in (HERE, site):
            self.assertEqual(ask("GET", target, Host=host, **{"Sec-Fetch-Site": "cross-site"})[0], 403, host)
            self.assertEqual(ask("POST", target, Host=host, Origin=ELSEWHERE)[0], 403, host)

    def test_the_site_s_name_opens_no_control_plane_to_them(self):
        site = urlsplit(STAGE.setting("site-address")).netloc
        for method, path in (("GET", "/_ministack/ses/messages"), ("POST", "/_ministack/nothing")):
            self.assertEqual(ask(method, path, Host=site, Origin=ELSEWHERE)[0], 403, path)

    def test_nobody_is_told_that_any_page_may_read(self):
        # Not by what would change something.
        asked = [(method, path) for method, path in CONTROL if method in ("GET", "OPTIONS")]
        for method, path in (*asked, ("POST", "/"), ("POST", "/_ministack/nothing"), ("GET", "/oauth2/authorize"), ("POST", "/oauth2/token")):
            with self.subTest(f"{method} {path}"):
                self.assertNotEqual(ask(method, path)[1]["Access-Control-Allow-Origin"], "*")


class OwnPages(unittest.TestCase):
    def setUp(self):
        self.site = STAGE.setting("site-address")

    def test_they_send_originals_straight_to_the_store(self):
        ada = Person("ada")
        content = PHOTO.read_bytes()
        granted = seed.grant(ada.visitor, PHOTO.name, content)
        upload = granted["upload"]
        headers = dict(upload["headers"])
        asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": ",".join(headers).lower()}
        target = upload["url"].removeprefix(STAGE.endpoint)
        status, answered = ask("OPTIONS", target, Origin=self.site, **asked)
        self.assertEqual((status, answered["Access-Control-Allow-Origin"]), (200, self.site))
        self.assertEqual(ask("OPTIONS", target, Origin=ELSEWHERE, **asked)[0], 403)
        self.assertEqual(ask("PUT", target, content, Origin=ELSEWHERE, **headers)[0], 403)
        status, answered = ask("PUT", target, content, Origin=self.site, **headers)
        self.assertEqual((status, answered["Access-Control-Allow-Origin"]), (200, self.site))
        until("it is ready", lambda: state_name(ada.visitor.json("photos/photo", id=granted["photo"]["id"])["state"]) == "ready")

    def test_they_lead_to_originals(self):
        bucket, key = STAGE.setting("originals-bucket"), "tests/one"
        client("s3").put_object(Bucket=bucket, Key=key, Body=b"one")
        self.addCleanup(client("s3").delete_object, Bucket=bucket, Key=key)
        url = client("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
        link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        self.assertEqual(ask("GET", url.removeprefix(STAGE.endpoint), **link)[0], 200)

    def test_their_sockets_open_and_hear(self):
        socket = BrowserSocket(Person("ada"))
        self.addCleanup(socket.close)
        self.assertTrue(socket.answers())

    def test_the_site_says_itself_whom_it_refuses(self):
        host = urlsplit(self.site).netloc
        self.assertLess(ask("GET", "/", Host=host, **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})[0], 400)

    def test_a_person_reads_the_mails(self):
        with urllib.request.urlopen(f"{STAGE.endpoint}/_ministack/ses/messages", timeout=60) as answer:
            self.assertEqual(answer.status, 200)


if __name__ == "__main__":
    unittest.main()
