"""The local cloud serves this machine and its own pages, and rejects requests of other pages."""

import http.client
import re
import unittest
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.fixtures import STAGE, Person, client, request, seed, state_name, until

PHOTO = seed.PHOTOS / "dogs.jpg"
FOREIGN_ORIGIN = "http://elsewhere.test"
LOCAL_HOST = f"127.0.0.1:{STAGE.port}"
# MiniStack's own paths, parsed from its source, except the site's API, which checks origins itself.
NAMED = set(re.findall(r'"(/_(?:ministack|localstack|alb|aws)/[\w./-]*)"', Path(find_spec("ministack").origin).with_name("app.py").read_text()))
PATHS = sorted(NAMED - {"/_aws/execute-api/"} | {"/", "/health", "/_ministack/nothing", "/2015-03-31/functions/"})
CONTROL = [(method, path) for path in PATHS for method in ("GET", "POST", "PUT", "OPTIONS")]
FOREIGN = [
    {"Origin": FOREIGN_ORIGIN},
    {"Origin": "null"},
    {"Origin": f"http://{LOCAL_HOST}.elsewhere.test"},
    # Another origin on this machine.
    {"Origin": f"http://127.0.0.1:{STAGE.port + 1}"},
    {"Origin": f"https://{LOCAL_HOST}"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    {"Host": "elsewhere.test"},
    {"Host": f"elsewhere.test:{STAGE.port}"},
    {"Host": f"127.0.0.1.elsewhere.test:{STAGE.port}", "Origin": f"http://127.0.0.1.elsewhere.test:{STAGE.port}"},
    # Loopback names of distributions that do not exist.
    {"Host": f"nothing.cloudfront.localhost:{STAGE.port}", "Origin": FOREIGN_ORIGIN},
]


def send(method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, http.client.HTTPMessage]:
    """Status and headers of the local cloud's response."""
    return request(method, path, body, {"Host": LOCAL_HOST, **headers})[:2]


class OtherPages(unittest.TestCase):
    def test_the_control_plane_rejects_them(self):
        self.assertLessEqual({"/_ministack/reset", "/_ministack/config", "/_ministack/ses/messages"}, set(PATHS))
        for method, path in CONTROL:
            for headers in FOREIGN:
                with self.subTest(f"{method} {path}", **headers):
                    status, response_headers = send(method, path, **headers)
                    self.assertEqual((status, response_headers["Access-Control-Allow-Origin"]), (403, None))

    def test_a_presigned_request_is_rejected_from_them(self):
        signed = client("sns").generate_presigned_url("list_topics")
        target = signed.removeprefix(STAGE.endpoint)
        self.assertEqual(send("GET", target)[0], 200)
        site = urlsplit(STAGE.setting("site-address")).netloc
        for host in (LOCAL_HOST, site):
            self.assertEqual(send("GET", target, Host=host, **{"Sec-Fetch-Site": "cross-site"})[0], 403, host)
            self.assertEqual(send("POST", target, Host=host, Origin=FOREIGN_ORIGIN)[0], 403, host)

    def test_the_control_plane_rejects_them_under_the_site_s_host(self):
        site = urlsplit(STAGE.setting("site-address")).netloc
        for method, path in (("GET", "/_ministack/ses/messages"), ("POST", "/_ministack/nothing")):
            self.assertEqual(send(method, path, Host=site, Origin=FOREIGN_ORIGIN)[0], 403, path)

    def test_no_response_allows_any_origin(self):
        # Only requests without side effects.
        requests = [(method, path) for method, path in CONTROL if method in ("GET", "OPTIONS")]
        for method, path in (*requests, ("POST", "/"), ("POST", "/_ministack/nothing"), ("GET", "/oauth2/authorize"), ("POST", "/oauth2/token")):
            with self.subTest(f"{method} {path}"):
                self.assertNotEqual(send(method, path)[1]["Access-Control-Allow-Origin"], "*")


class OwnPages(unittest.TestCase):
    def setUp(self):
        self.site = STAGE.setting("site-address")

    def test_they_upload_originals_directly_to_s3(self):
        ada = Person("ada")
        content = PHOTO.read_bytes()
        granted = seed.grant(ada.visitor, PHOTO.name, content)
        upload = granted["upload"]
        headers = dict(upload["headers"])
        preflight = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": ",".join(headers).lower()}
        target = upload["url"].removeprefix(STAGE.endpoint)
        status, response_headers = send("OPTIONS", target, Origin=self.site, **preflight)
        self.assertEqual((status, response_headers["Access-Control-Allow-Origin"]), (200, self.site))
        self.assertEqual(send("OPTIONS", target, Origin=FOREIGN_ORIGIN, **preflight)[0], 403)
        self.assertEqual(send("PUT", target, content, Origin=FOREIGN_ORIGIN, **headers)[0], 403)
        status, response_headers = send("PUT", target, content, Origin=self.site, **headers)
        self.assertEqual((status, response_headers["Access-Control-Allow-Origin"]), (200, self.site))
        until("it is ready", lambda: state_name(ada.visitor.json("photos/photo", id=granted["photo"]["id"])["state"]) == "ready")

    def test_they_link_to_originals(self):
        bucket, key = STAGE.setting("originals-bucket"), "tests/one"
        client("s3").put_object(Bucket=bucket, Key=key, Body=b"one")
        self.addCleanup(client("s3").delete_object, Bucket=bucket, Key=key)
        url = client("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
        link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        self.assertEqual(send("GET", url.removeprefix(STAGE.endpoint), **link)[0], 200)

    def test_their_sockets_open_and_respond(self):
        socket = BrowserSocket(Person("ada"))
        self.addCleanup(socket.close)
        self.assertTrue(socket.responds())

    def test_the_site_checks_origins_itself(self):
        host = urlsplit(self.site).netloc
        self.assertLess(send("GET", "/", Host=host, **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})[0], 400)

    def test_the_mailbox_can_be_opened_directly(self):
        with urllib.request.urlopen(f"{STAGE.endpoint}/_ministack/ses/messages", timeout=60) as response:
            self.assertEqual(response.status, 200)


if __name__ == "__main__":
    unittest.main()
