"""Sign-in with other identity providers: admission, linking, and validation of tokens and state."""

import unittest
import urllib.error
import urllib.request
import uuid
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

from infra.local import hosted
from infra.tests.cloud.fixtures import STAGE, Person, hash_of, read_row, seed, delete_row, write_row
from infra.tests.cloud.test_api import PASSWORD, Account, send

PROVIDER = f"http://127.0.0.1:{hosted.port(STAGE)}"
EXPIRED = "provider_too_late"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def address(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}@shoebox.test"


class Browser:
    """An HTTP client with cookies, which does not follow redirects."""

    def __init__(self):
        self.cookies: dict[str, str] = {}
        self.site = STAGE.setting("site-address")

    def request(self, path: str, form: dict | None = None, **headers: str) -> tuple[int, str, str]:
        """Status, Location header and body."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        all_headers = {"Cookie": cookies, "Accept": "text/html", **headers}
        body = None
        if form is not None:
            all_headers |= {"Origin": self.site, "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
            body = urlencode(form).encode()
        status, response_headers, content = send("GET" if form is None else "POST", path, body=body, **all_headers)
        for line in response_headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return status, response_headers.get("Location", ""), content.decode(errors="replace")

    def call(self, function: str, **form: str) -> tuple[int, str]:
        status, _, text = self.request(f"/api/accounts/{function}", form)
        return status, text

    def me(self) -> str:
        """The account that this browser is signed in to, or `null`."""
        return self.call("me")[1]

    def start(self, provider: str = "Google", query: str = "") -> str:
        """Starts a sign-in; returns the provider's authorization URL."""
        status, location, text = self.request(f"/sign-in/with/{provider}{query}")
        if status != 303 or not location.startswith(f"{PROVIDER}/oauth2/authorize?"):
            raise AssertionError(f"{status} {location} {text[:300]}")
        return location

    def callback(self, path: str) -> tuple[str, str]:
        """Requests the callback; returns the page that it redirects to, and the parameter `why`."""
        status, location, text = self.request(path)
        if status != 303:
            raise AssertionError(f"{status} {text[:300]}")
        parts = urlsplit(location)
        return (f"{parts.scheme}:{parts.netloc}{parts.path}" if parts.netloc else parts.path), parse_qs(parts.query).get("why", [""])[0]

    def sign_in(self, email: str, provider: str = "Google", query: str = "", **answers: str) -> tuple[str, str]:
        """A complete sign-in; returns what `callback` does."""
        return self.callback(authorize(self.start(provider, query), email, **answers))


def authorize(location: str, email: str, **answers: str) -> str:
    """Submits the provider's form; returns the callback's path and query."""
    form = urlencode({"email": email, "verified": "yes", "answer": "yes", **answers})
    try:
        response = urllib.request.build_opener(_NoRedirect).open(location, form.encode(), timeout=60)
    except urllib.error.HTTPError as error:
        response = error
    callback = urlsplit(response.headers["Location"])
    if callback.path != "/sign-in/from" or f"{callback.scheme}://{callback.netloc}" != STAGE.setting("site-address"):
        raise AssertionError(f"{response.status} {response.headers['Location']}")
    return f"{callback.path}?{callback.query}"


def invite(email: str) -> None:
    name = str(uuid.uuid4())
    write_row(
        {
            "pk": {"S": "SITE"},
            "sk": {"S": f"INVITATION#{name}"},
            "version": {"N": "1"},
            "id": {"S": name},
            "email": {"S": email},
            "by": {"S": str(uuid.uuid4())},
            "ends_at": {"N": "4000000000000"},
            "ttl": {"N": "4000000000"},
        }
    )


class Federated(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Closes the site, so that only invited people are admitted."""
        key = {"pk": {"S": "SITE"}, "sk": {"S": "SITE"}}
        before = read_row("SITE", "SITE")
        if before:
            cls.addClassCleanup(write_row, before)
        else:
            before = key | {"version": {"N": "1"}, "revision": {"N": "1"}, "owner": {"S": Person("owner").id}}
            cls.addClassCleanup(delete_row, "SITE", "SITE")
        write_row(before | {"open": {"BOOL": False}})

    def assert_signs_in(self, email: str, **answers: str) -> Browser:
        browser = Browser()
        self.assertEqual(browser.sign_in(email, **answers), ("/", ""))
        self.assertIn(f'"{email}"', browser.me())
        return browser

    def assert_signed_out(self, browser: Browser) -> None:
        self.assertNotIn("__Host-session", browser.cookies)
        self.assertEqual(browser.me(), "null")

    def test_an_invited_person_is_admitted_and_recognised_later(self):
        cleo = address("cleo")
        stranger = Browser()
        self.assertEqual(stranger.sign_in(cleo), ("/sign-in", "closed"))
        self.assert_signed_out(stranger)
        invite(cleo)
        first = self.assert_signs_in(cleo)
        # Subjects are compared exactly; keys rotate; and a provider's user may change their address.
        again = Browser()
        self.assertEqual(again.sign_in(cleo.upper()), ("/sign-in", "link_first"), "another user of the provider")
        again = Browser()
        self.assertEqual(again.sign_in(cleo, flaw="rotated"), ("/", ""))
        self.assertEqual(again.me(), first.me())
        moved = Browser()
        self.assertEqual(moved.sign_in(address("moved"), subject=hosted.subject(cleo)), ("/", ""))
        self.assertEqual(moved.me(), first.me(), "the subject is recognised, not the address")
        # An invitation is valid once, and the account has no known password.
        self.assertEqual(Browser().sign_in(cleo, "Facebook"), ("/sign-in", "link_first"))
        self.assertEqual(Browser().call("sign_in", email=cleo, password=PASSWORD)[0], 422)

    def test_invalid_tokens_are_rejected(self):
        for flaw in ("nonce", "audience", "issuer", "expired", "use", "provider", "own", "unsigned", "symmetric", "forged", "stranger"):
            with self.subTest(flaw):
                email, browser = address("cleo"), Browser()
                invite(email)
                self.assertEqual(browser.sign_in(email, flaw=flaw), ("/sign-in", "broken"))
                self.assert_signed_out(browser)
        self.assert_signs_in(email)

    def test_a_state_is_valid_once_and_only_in_its_browser(self):
        email = address("cleo")
        invite(email)
        cleo, eve = Browser(), Browser()
        location = cleo.start()
        path = authorize(location, email)
        state = parse_qs(urlsplit(path).query)["state"][0]
        code = parse_qs(urlsplit(path).query)["code"][0]
        for what, other, callback in (
            ("no cookie", Browser(), path),
            ("no state", cleo, f"/sign-in/from?code={code}"),
            ("nothing", cleo, "/sign-in/from"),
            ("a wrong state", cleo, path.replace(state, f"{state[:-2]}AA")),
            ("an error with a wrong state", cleo, "/sign-in/from?error=access_denied&state=none"),
        ):
            with self.subTest(what):
                self.assertEqual(other.callback(callback), ("/sign-in", EXPIRED))
                self.assert_signed_out(other)
        # Her own attempt with another browser's code, which has another PKCE verifier.
        eves = parse_qs(urlsplit(eve.start()).query)["state"][0]
        self.assertEqual(eve.callback(path), ("/sign-in", EXPIRED), "another browser's state")
        self.assertEqual(cleo.callback(path), ("/", ""), "which is still valid")
        self.assertEqual(cleo.callback(path), ("/account", EXPIRED), "it is valid once")
        again = authorize(cleo.start(), email)
        stolen = parse_qs(urlsplit(again).query)["code"][0]
        self.assertEqual(eve.callback(f"/sign-in/from?code={stolen}&state={eves}"), ("/sign-in", EXPIRED), "another browser's code")
        self.assert_signed_out(eve)
        self.assertEqual(eve.callback(f"/sign-in/from?code={code}&state={eves}"), ("/sign-in", EXPIRED), "used up")

    def test_an_attempt_s_row_has_no_secrets(self):
        query = parse_qs(urlsplit(Browser().start()).query)
        row = read_row(f"ERRAND#{hash_of(query['state'][0])}", "ERRAND")
        self.assertEqual(set(row), {"pk", "sk", "provider", "browser", "checks", "ends_at", "ttl"})
        self.assertNotIn(query["nonce"][0], str(row))

    def test_an_invalid_cookie_does_not_identify_a_browser(self):
        eve = Browser()
        eve.cookies["__Host-provider"] = ""
        path = authorize(eve.start(), address("eve"))
        self.assertEqual(len(eve.cookies["__Host-provider"]), 43)
        for cookie in ("", "short"):
            victim = Browser()
            victim.cookies["__Host-provider"] = cookie
            self.assertEqual(victim.callback(path), ("/sign-in", EXPIRED))

    def test_an_unverified_address_is_rejected(self):
        email = address("cleo")
        invite(email)
        for bad in ({"verified": "no"}, {"email": "nobody"}, {"email": ""}):
            browser = Browser()
            self.assertEqual(browser.sign_in(**({"email": email, "subject": str(uuid.uuid4())} | bad)), ("/sign-in", "email_not_proven"))
            self.assert_signed_out(browser)
        known = Account("known")
        browser = Browser()
        self.assertEqual(browser.sign_in(known.email, verified="no"), ("/sign-in", "email_not_proven"))
        self.assertEqual(browser.call("sign_in", email=known.email, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().sign_in(known.email), ("/sign-in", "link_first"), "it was not linked")

    def test_a_provider_s_error_description_is_not_shown(self):
        browser = Browser()
        location = browser.start(query="?to=%2Faccount%3Fa")
        path = authorize(location, "nobody@shoebox.test", answer="no")
        status, location, _ = browser.request(path)
        self.assertEqual((status, location), (303, "/sign-in?why=provider_refused&to=%2Faccount%3Fa"))
        text = browser.request(location)[2]
        self.assertIn("sign-in was cancelled or refused", text)
        self.assertNotIn("<b>it</b>", text)
        self.assertEqual(browser.callback(path), ("/sign-in", EXPIRED))

    def test_redirects_are_limited_to_pages_of_the_site(self):
        email = address("cleo")
        invite(email)
        for to in ("//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "/api/accounts/sign_out"):
            with self.subTest(to):
                self.assertEqual(Browser().sign_in(email, query=f"?{urlencode({'to': to})}"), ("/", ""))
                browser = Browser()
                location = browser.request(f"/sign-in/from?{urlencode({'to': to, 'state': 'none', 'error': to})}")[1]
                self.assertEqual(location, f"/sign-in?why={EXPIRED}")
        self.assertEqual(Browser().sign_in(email, query="?to=%2Fpeople"), ("/people", ""))

    def test_cross_site_requests_and_unknown_providers_are_rejected(self):
        browser = Browser()
        for path, why in (("/sign-in/with/Nobody", "not_found"), ("/sign-in/with/google", "not_found"), ("/sign-in/with/Google?link", "sign_in_first")):
            self.assertEqual(browser.callback(path), ("/sign-in", why))
        status, location, _ = browser.request("/sign-in/with/Google", **{"Sec-Fetch-Site": "cross-site"})
        self.assertEqual((status, location), (303, "/sign-in?why=cross_site"))
        self.assertEqual(browser.cookies, {})

    def test_an_address_with_an_account_is_linked_by_signing_in_to_it(self):
        ada, ben = Account("ada"), Account("ben")
        browser = Browser()
        self.assertEqual(browser.sign_in(ada.email), ("/sign-in", "link_first"))
        self.assert_signed_out(browser)
        self.assertEqual(browser.call("sign_in", email=ada.email, password="not hers at all")[0], 422)
        self.assertEqual(Browser().sign_in(ada.email), ("/sign-in", "link_first"))
        # Neither another account's password nor a sign-in in another browser links it.
        self.assertEqual(browser.call("sign_in", email=ben.email, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().call("sign_in", email=ada.email, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().sign_in(ada.email), ("/sign-in", "link_first"))
        self.assertEqual(browser.call("sign_in", email=ada.email, password=PASSWORD)[0], 200)
        self.assertIn(ada.id, self.assert_signs_in(ada.email).me())

    def test_linking_and_unlinking_require_the_password(self):
        ada, ben = Account("ada"), Account("ben")
        external, browser, bens = address("ada-there"), Browser(), Browser()
        for client, account in ((browser, ada), (bens, ben)):
            self.assertEqual(client.call("sign_in", email=account.email, password=PASSWORD)[0], 200)
        self.assertEqual(browser.call("link", password=PASSWORD)[0], 422, "nothing is pending")
        self.assertEqual(browser.sign_in(external, query="?link", verified="no"), ("/account", ""))
        self.assertIn(f'"waiting":{{"provider":"Google","email":"{external}"}}', browser.call("ways")[1])
        self.assertEqual(bens.sign_in(external), ("/account", "closed"), "not linked yet")
        status, text = browser.call("link", password="not hers at all")
        self.assertEqual((status, "wrong_password" in text), (422, True))
        bens.cookies["__Host-provider"], kept = browser.cookies["__Host-provider"], bens.cookies.get("__Host-provider", "")
        self.assertEqual(bens.call("link", password=PASSWORD)[0], 422, "another account requested the link")
        bens.cookies["__Host-provider"] = kept
        self.assertEqual(browser.call("link", password=PASSWORD)[0], 200)
        other = Browser()
        self.assertEqual(other.sign_in(external), ("/", ""))
        self.assertIn(ada.id, other.me())

        self.assertEqual(bens.sign_in(external, query="?link"), ("/account", "linked_elsewhere"))
        link = browser.call("ways")[1].split('"id":"')[1].split('"')[0]
        self.assertEqual(bens.call("unlink", id=link, password=PASSWORD)[0], 404)
        status, text = browser.call("unlink", id=link, password="not hers at all")
        self.assertEqual((status, "wrong_password" in text), (422, True))
        self.assertEqual(browser.call("unlink", id=link, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().sign_in(external), ("/sign-in", "closed"), "no longer linked")
        self.assertEqual(browser.call("unlink", id=link, password=PASSWORD)[0], 404, "twice")

    def test_the_last_way_to_sign_in_cannot_be_unlinked(self):
        email = address("cleo")
        invite(email)
        cleo = self.assert_signs_in(email)
        link = cleo.call("ways")[1].split('"id":"')[1].split('"')[0]
        self.assertEqual(cleo.call("unlink", id=link, password="")[0], 422)
        self.assertEqual(cleo.call("unlink", id=link, password=PASSWORD)[0], 422)
        self.assertEqual(cleo.call("forgot", email=email)[0], 200)
        code = seed.mailed_code(STAGE, email, "password reset code")
        self.assertEqual(cleo.call("reset", email=email, code=code, password=PASSWORD)[0], 200)
        self.assertEqual(cleo.call("unlink", id=link, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().call("sign_in", email=email, password=PASSWORD)[0], 200)

    def test_a_link_requested_by_one_account_is_not_made_for_another(self):
        ada, ben = Account("ada"), Account("ben")
        browser = Browser()
        self.assertEqual(browser.call("sign_in", email=ada.email, password=PASSWORD)[0], 200)
        path = authorize(browser.start(query="?link"), address("there"))
        self.assertEqual(browser.call("sign_in", email=ben.email, password=PASSWORD)[0], 200)
        self.assertEqual(browser.callback(path), ("/account", "sign_in_first"))
        self.assertIn('"waiting":null', browser.call("ways")[1])


if __name__ == "__main__":
    unittest.main()
