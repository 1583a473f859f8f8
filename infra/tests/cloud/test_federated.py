"""Coming in by another provider: who is let in, what is linked, and that nothing else is believed."""

import unittest
import urllib.error
import urllib.request
import uuid
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

from infra.local import hosted
from infra.tests.cloud.cast import STAGE, Person, hashed, read_row, seed, take_row, write_row
from infra.tests.cloud.test_api import PASSWORD, Account, ask

PROVIDER = f"http://127.0.0.1:{hosted.port(STAGE)}"
LATE = "provider_too_late"


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def address(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}@shoebox.test"


class Browser:
    """Cookies, and one request at a time; it follows nothing by itself."""

    def __init__(self):
        self.cookies: dict[str, str] = {}
        self.site = STAGE.setting("site-address")

    def ask(self, path: str, form: dict | None = None, **headers: str) -> tuple[int, str, str]:
        """Status, location and text."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": cookies, "Accept": "text/html", **headers}
        body = None
        if form is not None:
            sent |= {"Origin": self.site, "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
            body = urlencode(form).encode()
        status, said, content = ask("GET" if form is None else "POST", path, body=body, **sent)
        for line in said.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return status, said.get("Location", ""), content.decode(errors="replace")

    def call(self, function: str, **form: str) -> tuple[int, str]:
        status, _, text = self.ask(f"/api/accounts/{function}", form)
        return status, text

    def me(self) -> str:
        """The account that this browser is signed in to, or `null`."""
        return self.call("me")[1]

    def go(self, provider: str = "Google", query: str = "") -> str:
        """Leaves for a provider; answers where to."""
        status, location, text = self.ask(f"/sign-in/with/{provider}{query}")
        if status != 303 or not location.startswith(f"{PROVIDER}/oauth2/authorize?"):
            raise AssertionError(f"{status} {location} {text[:300]}")
        return location

    def back(self, path: str) -> tuple[str, str]:
        """Comes back; answers the page it is sent to, and why."""
        status, location, text = self.ask(path)
        if status != 303:
            raise AssertionError(f"{status} {text[:300]}")
        parts = urlsplit(location)
        return (f"{parts.scheme}:{parts.netloc}{parts.path}" if parts.netloc else parts.path), parse_qs(parts.query).get("why", [""])[0]

    def by(self, email: str, provider: str = "Google", query: str = "", **said: str) -> tuple[str, str]:
        """All the way there and back."""
        return self.back(answer(self.go(provider, query), email, **said))


def answer(location: str, email: str, **said: str) -> str:
    """What somebody says at the provider; answers where it sends the browser back to, as path and query."""
    form = urlencode({"email": email, "verified": "yes", "answer": "yes", **said})
    try:
        response = urllib.request.build_opener(_Stay).open(location, form.encode(), timeout=60)
    except urllib.error.HTTPError as error:
        response = error
    back = urlsplit(response.headers["Location"])
    if back.path != "/sign-in/from" or f"{back.scheme}://{back.netloc}" != STAGE.setting("site-address"):
        raise AssertionError(f"{response.status} {response.headers['Location']}")
    return f"{back.path}?{back.query}"


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
        """Nobody may come in who is not invited, whatever the owner said before."""
        key = {"pk": {"S": "SITE"}, "sk": {"S": "SITE"}}
        before = read_row("SITE", "SITE")
        if before:
            cls.addClassCleanup(write_row, before)
        else:
            before = key | {"version": {"N": "1"}, "revision": {"N": "1"}, "owner": {"S": Person("owner").id}}
            cls.addClassCleanup(take_row, "SITE", "SITE")
        write_row(before | {"open": {"BOOL": False}})

    def comes_in(self, email: str, **said: str) -> Browser:
        browser = Browser()
        self.assertEqual(browser.by(email, **said), ("/", ""))
        self.assertIn(f'"{email}"', browser.me())
        return browser

    def stays_out(self, browser: Browser) -> None:
        self.assertNotIn("__Host-session", browser.cookies)
        self.assertEqual(browser.me(), "null")

    def test_who_is_invited_comes_in_and_is_known_from_then_on(self):
        cleo = address("cleo")
        stranger = Browser()
        self.assertEqual(stranger.by(cleo), ("/sign-in", "closed"))
        self.stays_out(stranger)
        invite(cleo)
        first = self.comes_in(cleo)
        # Addresses are read as people write them; keys change; and there they may have another address by now.
        again = Browser()
        self.assertEqual(again.by(cleo.upper()), ("/sign-in", "link_first"), "another user there")
        again = Browser()
        self.assertEqual(again.by(cleo, flaw="rotated"), ("/", ""))
        self.assertEqual(again.me(), first.me())
        moved = Browser()
        self.assertEqual(moved.by(address("moved"), subject=hosted.subject(cleo)), ("/", ""))
        self.assertEqual(moved.me(), first.me(), "the user there is known, not the address")
        # An invitation is of use once, and nobody knows the password of the account.
        self.assertEqual(Browser().by(cleo, "Facebook"), ("/sign-in", "link_first"))
        self.assertEqual(Browser().call("sign_in", email=cleo, password=PASSWORD)[0], 422)

    def test_no_other_token_is_believed(self):
        for flaw in ("nonce", "audience", "issuer", "expired", "use", "provider", "own", "unsigned", "symmetric", "forged", "stranger"):
            with self.subTest(flaw):
                email, browser = address("cleo"), Browser()
                invite(email)
                self.assertEqual(browser.by(email, flaw=flaw), ("/sign-in", "broken"))
                self.stays_out(browser)
        self.comes_in(email)

    def test_a_state_is_of_use_once_and_to_its_browser_alone(self):
        email = address("cleo")
        invite(email)
        cleo, eve = Browser(), Browser()
        there = cleo.go()
        path = answer(there, email)
        state = parse_qs(urlsplit(path).query)["state"][0]
        code = parse_qs(urlsplit(path).query)["code"][0]
        for what, other, address_ in (
            ("no cookie", Browser(), path),
            ("no state", cleo, f"/sign-in/from?code={code}"),
            ("nothing", cleo, "/sign-in/from"),
            ("a wrong state", cleo, path.replace(state, f"{state[:-2]}AA")),
            ("an error with a wrong state", cleo, "/sign-in/from?error=access_denied&state=none"),
        ):
            with self.subTest(what):
                self.assertEqual(other.back(address_), ("/sign-in", LATE))
                self.stays_out(other)
        # Her own errand, with what belongs to his: the code is of another verifier.
        eves = parse_qs(urlsplit(eve.go()).query)["state"][0]
        self.assertEqual(eve.back(path), ("/sign-in", LATE), "state of another browser")
        self.assertEqual(cleo.back(path), ("/", ""), "which did not use it up")
        self.assertEqual(cleo.back(path), ("/account", LATE), "once")
        again = answer(cleo.go(), email)
        stolen = parse_qs(urlsplit(again).query)["code"][0]
        self.assertEqual(eve.back(f"/sign-in/from?code={stolen}&state={eves}"), ("/sign-in", LATE), "code of another browser")
        self.stays_out(eve)
        self.assertEqual(eve.back(f"/sign-in/from?code={code}&state={eves}"), ("/sign-in", LATE), "used up")

    def test_what_an_answer_is_checked_with_is_not_in_its_row(self):
        asked = parse_qs(urlsplit(Browser().go()).query)
        row = read_row(f"ERRAND#{hashed(asked['state'][0])}", "ERRAND")
        self.assertEqual(set(row), {"pk", "sk", "provider", "browser", "checks", "ends_at", "ttl"})
        self.assertNotIn(asked["nonce"][0], str(row))

    def test_an_empty_cookie_is_no_browser(self):
        eve = Browser()
        eve.cookies["__Host-provider"] = ""
        path = answer(eve.go(), address("eve"))
        self.assertEqual(len(eve.cookies["__Host-provider"]), 43)
        for cookie in ("", "short"):
            victim = Browser()
            victim.cookies["__Host-provider"] = cookie
            self.assertEqual(victim.back(path), ("/sign-in", LATE))

    def test_an_address_that_is_not_proved_is_nobodys(self):
        email = address("cleo")
        invite(email)
        for bad in ({"verified": "no"}, {"email": "nobody"}, {"email": ""}):
            browser = Browser()
            self.assertEqual(browser.by(**({"email": email, "subject": str(uuid.uuid4())} | bad)), ("/sign-in", "email_not_proven"))
            self.stays_out(browser)
        known = Account("known")
        browser = Browser()
        self.assertEqual(browser.by(known.email, verified="no"), ("/sign-in", "email_not_proven"))
        self.assertEqual(browser.call("sign_in", email=known.email, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().by(known.email), ("/sign-in", "link_first"), "and was not linked")

    def test_what_a_provider_says_of_an_error_is_not_shown(self):
        browser = Browser()
        there = browser.go(query="?to=%2Faccount%3Fa")
        path = answer(there, "nobody@shoebox.test", answer="no")
        status, location, _ = browser.ask(path)
        self.assertEqual((status, location), (303, "/sign-in?why=provider_refused&to=%2Faccount%3Fa"))
        text = browser.ask(location)[2]
        self.assertIn("sign-in was cancelled or refused", text)
        self.assertNotIn("<b>it</b>", text)
        self.assertEqual(browser.back(path), ("/sign-in", LATE))

    def test_one_goes_on_to_a_page_of_this_site_alone(self):
        email = address("cleo")
        invite(email)
        for to in ("//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "/api/accounts/sign_out"):
            with self.subTest(to):
                self.assertEqual(Browser().by(email, query=f"?{urlencode({'to': to})}"), ("/", ""))
                browser = Browser()
                location = browser.ask(f"/sign-in/from?{urlencode({'to': to, 'state': 'none', 'error': to})}")[1]
                self.assertEqual(location, f"/sign-in?why={LATE}")
        self.assertEqual(Browser().by(email, query="?to=%2Fpeople"), ("/people", ""))

    def test_nobody_is_sent_by_another_site_or_to_a_provider_that_is_not_there(self):
        browser = Browser()
        for path, why in (("/sign-in/with/Nobody", "not_found"), ("/sign-in/with/google", "not_found"), ("/sign-in/with/Google?link", "sign_in_first")):
            self.assertEqual(browser.back(path), ("/sign-in", why))
        status, location, _ = browser.ask("/sign-in/with/Google", **{"Sec-Fetch-Site": "cross-site"})
        self.assertEqual((status, location), (303, "/sign-in?why=cross_site"))
        self.assertEqual(browser.cookies, {})

    def test_an_address_that_has_an_account_is_linked_by_a_sign_in_there(self):
        ada, ben = Account("ada"), Account("ben")
        browser = Browser()
        self.assertEqual(browser.by(ada.email), ("/sign-in", "link_first"))
        self.stays_out(browser)
        self.assertEqual(browser.call("sign_in", email=ada.email, password="not hers at all")[0], 422)
        self.assertEqual(Browser().by(ada.email), ("/sign-in", "link_first"))
        # Another account's password proves nothing of hers; neither does hers in another browser.
        self.assertEqual(browser.call("sign_in", email=ben.email, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().call("sign_in", email=ada.email, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().by(ada.email), ("/sign-in", "link_first"))
        self.assertEqual(browser.call("sign_in", email=ada.email, password=PASSWORD)[0], 200)
        self.assertIn(ada.id, self.comes_in(ada.email).me())

    def test_a_provider_is_linked_and_removed_by_the_password(self):
        ada, ben = Account("ada"), Account("ben")
        there, browser, bens = address("ada-there"), Browser(), Browser()
        for who, account in ((browser, ada), (bens, ben)):
            self.assertEqual(who.call("sign_in", email=account.email, password=PASSWORD)[0], 200)
        self.assertEqual(browser.call("link", password=PASSWORD)[0], 422, "nothing waits")
        self.assertEqual(browser.by(there, query="?link", verified="no"), ("/account", ""))
        self.assertIn(f'"waiting":{{"provider":"Google","email":"{there}"}}', browser.call("ways")[1])
        self.assertEqual(bens.by(there), ("/account", "closed"), "not linked yet")
        status, text = browser.call("link", password="not hers at all")
        self.assertEqual((status, "wrong_password" in text), (422, True))
        bens.cookies["__Host-provider"], kept = browser.cookies["__Host-provider"], bens.cookies.get("__Host-provider", "")
        self.assertEqual(bens.call("link", password=PASSWORD)[0], 422, "another account asked for it")
        bens.cookies["__Host-provider"] = kept
        self.assertEqual(browser.call("link", password=PASSWORD)[0], 200)
        other = Browser()
        self.assertEqual(other.by(there), ("/", ""))
        self.assertIn(ada.id, other.me())

        self.assertEqual(bens.by(there, query="?link"), ("/account", "linked_elsewhere"))
        link = browser.call("ways")[1].split('"id":"')[1].split('"')[0]
        self.assertEqual(bens.call("unlink", id=link, password=PASSWORD)[0], 404)
        status, text = browser.call("unlink", id=link, password="not hers at all")
        self.assertEqual((status, "wrong_password" in text), (422, True))
        self.assertEqual(browser.call("unlink", id=link, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().by(there), ("/sign-in", "closed"), "nobody's any more")
        self.assertEqual(browser.call("unlink", id=link, password=PASSWORD)[0], 404, "twice")

    def test_who_came_by_a_provider_keeps_that_way_until_there_is_a_password(self):
        email = address("cleo")
        invite(email)
        cleo = self.comes_in(email)
        link = cleo.call("ways")[1].split('"id":"')[1].split('"')[0]
        self.assertEqual(cleo.call("unlink", id=link, password="")[0], 422)
        self.assertEqual(cleo.call("unlink", id=link, password=PASSWORD)[0], 422)
        self.assertEqual(cleo.call("forgot", email=email)[0], 200)
        code = seed.mailed_code(STAGE, email, "password reset code")
        self.assertEqual(cleo.call("reset", email=email, code=code, password=PASSWORD)[0], 200)
        self.assertEqual(cleo.call("unlink", id=link, password=PASSWORD)[0], 200)
        self.assertEqual(Browser().call("sign_in", email=email, password=PASSWORD)[0], 200)

    def test_what_was_asked_for_in_one_account_is_not_linked_to_another(self):
        ada, ben = Account("ada"), Account("ben")
        browser = Browser()
        self.assertEqual(browser.call("sign_in", email=ada.email, password=PASSWORD)[0], 200)
        path = answer(browser.go(query="?link"), address("there"))
        self.assertEqual(browser.call("sign_in", email=ben.email, password=PASSWORD)[0], 200)
        self.assertEqual(browser.back(path), ("/account", "sign_in_first"))
        self.assertIn('"waiting":null', browser.call("ways")[1])


if __name__ == "__main__":
    unittest.main()
