"""The origin rejects requests that bypass the distribution, and attempts are limited by the client address that the distribution saw."""

import json
import secrets
import time
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from infra import secret
from infra.stack_parameters import page_origin
from infra.stacks import Stack
from infra.tests.cloud.fixtures import STAGE, hash_of, avoid_window_end, read_row, request
from infra.tests.cloud.listeners import Log
from infra.tests.cloud.test_api import Account

# As in `server/src/accounts/rate_limits.rs`.
WINDOW_SECONDS = 15 * 60
FROM_ADDRESS = 100
REQUESTS = [
    ("GET", "/"),
    ("GET", "/sign-in"),
    ("GET", "/healthz"),
    ("GET", "/nothing-here"),
    ("GET", f"/photos/{uuid.uuid4()}/original"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/photos"),
    ("POST", "/api/v1/photos"),
    ("POST", "/api/accounts/me"),
    ("POST", "/stop"),
]


class BypassingTheDistribution(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.api = page_origin(STAGE, None, Stack(STAGE, "pages").outputs())["PageOriginPath"]
        cls.key = secret.edge_headers(STAGE)[secret.EDGE_HEADER]

    def test_requests_without_the_key_are_rejected(self):
        headers = {"Authorization": f"Bearer {Account('eve').token()}", "Origin": STAGE.setting("site-address"), "X-Forwarded-For": "198.51.100.7"}
        wrong = [{}, *({secret.EDGE_HEADER: sent} for sent in ("", "wrong", self.key[:-1], f"{self.key}A", self.key.swapcase()))]
        for method, path in REQUESTS:
            for key in wrong:
                with self.subTest(f"{method} {path}", **key):
                    status, response_headers, body = request(method, f"{self.api}{path}", b"", headers | key)
                    self.assertEqual((status, response_headers["Set-Cookie"]), (403, None))
                    self.assertIn("isn’t the site’s address", body.decode())
        self.assertEqual(request("GET", f"{self.api}/healthz", None, {secret.EDGE_HEADER: self.key})[0], 200)

    def test_a_visitor_s_key_is_replaced_by_the_distribution_s(self):
        host = urlsplit(STAGE.setting("site-address")).netloc
        self.assertEqual(request("GET", "/healthz", None, {"Host": host, secret.EDGE_HEADER: "wrong"})[0], 200)

    def test_keys_are_never_logged_or_sent(self):
        log, missing, wrong = Log("web"), f"/{uuid.uuid4()}", f"wrong-{uuid.uuid4()}"
        request("GET", f"{self.api}{missing}", None, {secret.EDGE_HEADER: wrong})
        for path in ("/sign-in", missing):
            _, headers, body = request("GET", f"{self.api}{path}", None, {"Accept": "text/html", secret.EDGE_HEADER: self.key})
            for shown in (body.decode(), str(headers)):
                self.assertNotIn(self.key, shown)
                self.assertNotIn(secret.EDGE_HEADER, shown.lower())
        log.wait_for_lines(1, "refused: not through the distribution", missing)
        log.wait_for_invocations(3)
        self.assertEqual([log.lines(key) for key in (self.key, wrong)], [[], []])


def random_address() -> str:
    """A random loopback address."""
    return f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"


def guess(source: str, forwarded_for: str | None = None) -> str:
    """Attempts a sign-in with a wrong password, each time for another account; returns the refusal."""
    site = STAGE.setting("site-address")
    headers = {"Host": urlsplit(site).netloc, "Origin": site, "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if forwarded_for:
        headers["X-Forwarded-For"] = forwarded_for
    form = urlencode({"email": f"nobody-{uuid.uuid4()}@shoebox.test", "password": "long enough for one"})
    _, _, body = request("POST", "/api/accounts/sign_in", form.encode(), headers, source)
    return json.loads(body)["refused"]["refusal"]


def attempts(address: str) -> int:
    """The counted attempts from an address."""
    row = read_row(f"TRIES#PASSWORD#{hash_of(address)}#{int(time.time()) // WINDOW_SECONDS}", "TRIES")
    return int(row["count"]["N"]) if row else 0


class Addresses(unittest.TestCase):
    def setUp(self):
        avoid_window_end(WINDOW_SECONDS)

    def test_attempts_are_counted_by_the_address_that_the_distribution_saw(self):
        source, others = random_address(), [random_address() for _ in range(2)]
        for forwarded_for in (None, others[0], ", ".join(others)):
            self.assertEqual(guess(source, forwarded_for), "wrong_credentials")
        self.assertEqual([attempts(address) for address in (source, *others)], [3, 0, 0])

    def test_spoofed_addresses_neither_evade_the_limit_nor_use_up_another_s(self):
        source, victim = random_address(), random_address()
        spoofed = [random_address() if index % 2 else victim for index in range(FROM_ADDRESS + 20)]
        with ThreadPoolExecutor(8) as pool:
            refusals = list(pool.map(lambda address: guess(source, address), spoofed))
        self.assertEqual((refusals.count("wrong_credentials"), refusals.count("too_many_from_here")), (FROM_ADDRESS, 20))
        self.assertEqual(guess(victim), "wrong_credentials")


if __name__ == "__main__":
    unittest.main()
