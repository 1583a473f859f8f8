"""The user pool asked past `web`, as anybody on the internet can who knows a client's identifier; and what ends with a password."""

import base64
import hmac
import json
import time
import unittest
import uuid
from collections.abc import Callable

from botocore.exceptions import ClientError

from infra import templates
from infra.local import seed
from infra.local.tokens import NotGiven, access_token, renewed, tokens
from infra.tests.cloud.cast import STAGE, client, hashed, secret_hash, until, visitor, write_row
from infra.tests.cloud.test_api import PASSWORD, Account
from infra.tests.cloud.test_notices import mails

PLANTED = "planted by a stranger"
CHOSEN = "chosen by who has the mailbox"


def clients() -> dict[str, str]:
    """The pool's clients, their identifiers by their names."""
    listed = client("cognito-idp").list_user_pool_clients(UserPoolId=STAGE.setting("user-pool"), MaxResults=60)
    return {one["ClientName"]: one["ClientId"] for one in listed["UserPoolClients"]}


def nobody() -> str:
    return f"nobody-{uuid.uuid4().hex[:12]}@shoebox.test"


def known(email: str) -> bool:
    try:
        client("cognito-idp").admin_get_user(UserPoolId=STAGE.setting("user-pool"), Username=email)
    except client("cognito-idp").exceptions.UserNotFoundException:
        return False
    return True


def app_code(key: str) -> str:
    """What an authenticator app shows now for a key in base32 (RFC 6238)."""
    padded = key + "=" * (-len(key) % 8)
    digest = hmac.digest(base64.b32decode(padded), int(time.time() // 30).to_bytes(8, "big"), "sha1")
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def wait_for_right(email: str) -> None:
    """As if somebody had signed up with the address on an open site, and waited for their code."""
    ends_at = int(time.time()) + 3600
    row = {"version": {"N": "1"}, "as_owner": {"BOOL": False}, "ends_at": {"N": str(ends_at * 1000)}, "ttl": {"N": str(ends_at)}}
    write_row({"pk": {"S": f"ADMISSION#{hashed(email)}"}, "sk": {"S": "ADMISSION"}} | row)


class PastWeb(unittest.TestCase):
    """Who may ask what of the pool's own public API: nobody anything, by any of its clients."""

    @classmethod
    def setUpClass(cls):
        cls.ada, cls.new = Account("ada"), nobody()

    def questions(self, client_id: str, proof: Callable[[str], str] | None = None) -> list[tuple[str, Callable[[], object]]]:
        """What can be asked by a client, with the hash that its secret makes where one has it. What proves a password stands last."""
        pool, ada, new = client("cognito-idp"), self.ada.email, self.new
        of_client = {"ClientId": client_id}

        def about(email: str, **more) -> dict:
            return of_client | {"Username": email, **more} | ({"SecretHash": proof(email)} if proof else {})

        def parameters(**more: str) -> dict:
            return {"USERNAME": ada, **more} | ({"SECRET_HASH": proof(ada)} if proof else {})

        def initiate(flow: str, **more: str):
            return pool.initiate_auth(**of_client, AuthFlow=flow, AuthParameters=parameters(PASSWORD=PASSWORD, **more))

        def respond(challenge: str, **more: str):
            responses = parameters(**more)
            return pool.respond_to_auth_challenge(**of_client, ChallengeName=challenge, Session="A" * 32, ChallengeResponses=responses)

        attributes = [{"Name": "email", "Value": new}]
        return [
            ("SignUp", lambda: pool.sign_up(**about(new, Password=PLANTED), UserAttributes=attributes)),
            ("SignUp of who is there", lambda: pool.sign_up(**about(ada, Password=PLANTED))),
            ("ConfirmSignUp", lambda: pool.confirm_sign_up(**about(ada, ConfirmationCode="123456"))),
            ("ResendConfirmationCode", lambda: pool.resend_confirmation_code(**about(ada))),
            ("ForgotPassword", lambda: pool.forgot_password(**about(ada))),
            ("ConfirmForgotPassword", lambda: pool.confirm_forgot_password(**about(ada, ConfirmationCode="654321", Password=PLANTED))),
            ("NEW_PASSWORD_REQUIRED", lambda: respond("NEW_PASSWORD_REQUIRED", NEW_PASSWORD=PLANTED)),
            ("SOFTWARE_TOKEN_MFA", lambda: respond("SOFTWARE_TOKEN_MFA", SOFTWARE_TOKEN_MFA_CODE="000000")),
            ("USER_SRP_AUTH", lambda: initiate("USER_SRP_AUTH", SRP_A="a1")),
            ("CUSTOM_AUTH", lambda: initiate("CUSTOM_AUTH")),
            ("USER_PASSWORD_AUTH", lambda: initiate("USER_PASSWORD_AUTH")),
            ("USER_AUTH", lambda: initiate("USER_AUTH", PREFERRED_CHALLENGE="PASSWORD")),
        ]

    def assert_nothing_happened(self) -> None:
        self.assertFalse(known(self.new))
        self.assertEqual(mails(self.new) + mails(self.ada.email), [])
        visitor().form("accounts/sign_in", email=self.ada.email, password=PASSWORD)

    def test_the_clients_are_the_templates(self):
        """None is asked about here that stands in a template and was forgotten."""
        resources = templates.load("state")["Resources"].values()
        # The local cloud has no other providers, and so not their client.
        said = [one["Properties"]["ClientName"] for one in resources if one["Type"] == "AWS::Cognito::UserPoolClient" and "Condition" not in one]
        self.assertLessEqual(set(said), set(clients()))

    def test_by_no_client_may_anybody_ask_anything(self):
        for name, client_id in clients().items():
            for what, ask in self.questions(client_id):
                with self.subTest(f"{what} by {name}"), self.assertRaises(ClientError):
                    ask()
        self.assert_nothing_happened()

    def test_with_the_secret_of_web_one_proves_passwords_and_no_more(self):
        # What guards the other ways is the pool itself.
        for what, ask in self.questions(clients()["web"], secret_hash)[:-2]:
            with self.subTest(what), self.assertRaises(ClientError):
                ask()
        self.assert_nothing_happened()

    def test_a_program_s_token_changes_nothing_of_its_user(self):
        pool, token = client("cognito-idp"), access_token(STAGE, self.ada.email, PASSWORD)
        for what, ask in (
            ("UpdateUserAttributes", lambda: pool.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "email", "Value": self.new}])),
            ("ChangePassword", lambda: pool.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=PLANTED)),
            ("AssociateSoftwareToken", lambda: pool.associate_software_token(AccessToken=token)),
            ("StartWebAuthnRegistration", lambda: pool.start_web_authn_registration(AccessToken=token)),
            ("DeleteUser", lambda: pool.delete_user(AccessToken=token)),
        ):
            with self.subTest(what), self.assertRaisesRegex(ClientError, "NotAuthorizedException"):
                ask()
        self.assert_nothing_happened()

    def test_not_even_a_token_of_web_writes_the_address(self):
        pool = client("cognito-idp")
        proof = {"USERNAME": self.ada.email, "PASSWORD": PASSWORD, "SECRET_HASH": secret_hash(self.ada.email)}
        proved = pool.initiate_auth(ClientId=clients()["web"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=proof)
        token = proved["AuthenticationResult"]["AccessToken"]
        for name, value in (("email", self.new), ("email_verified", "true"), ("name", "Ada")):
            with self.subTest(name), self.assertRaisesRegex(ClientError, "NotAuthorizedException"):
                pool.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": name, "Value": value}])
        self.assert_nothing_happened()

    def test_a_browser_is_given_no_token(self):
        browser = visitor()
        said = browser.form("accounts/sign_in", email=self.ada.email, password=PASSWORD)
        given = json.dumps([said, browser.cookies])
        self.assertIn("__Host-session", given)
        self.assertNotRegex(given, r"eyJ[\w-]+\.[\w-]+\.", "as a token is written")


class SecondStep(unittest.TestCase):
    def test_the_app_s_code_is_given_under_the_pool_s_name_and_not_under_the_address(self):
        """Cognito makes the hash that it compares of its own name for somebody."""
        ada, pool = Account("ada"), client("cognito-idp")
        of_client = {"ClientId": clients()["web"]}
        proof = {"USERNAME": ada.email, "PASSWORD": PASSWORD, "SECRET_HASH": secret_hash(ada.email)}
        asking = of_client | {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": proof}
        token = pool.initiate_auth(**asking)["AuthenticationResult"]["AccessToken"]
        key = pool.associate_software_token(AccessToken=token)["SecretCode"]
        pool.verify_software_token(AccessToken=token, UserCode=app_code(key))
        on = {"Enabled": True, "PreferredMfa": True}
        pool.admin_set_user_mfa_preference(UserPoolId=STAGE.setting("user-pool"), Username=ada.email, SoftwareTokenMfaSettings=on)
        asked = pool.initiate_auth(**asking) | of_client
        given = {"USERNAME": ada.email, "SECRET_HASH": secret_hash(ada.email), "SOFTWARE_TOKEN_MFA_CODE": app_code(key)}
        answer = {name: asked[name] for name in ("ClientId", "ChallengeName", "Session")} | {"ChallengeResponses": given}
        with self.assertRaisesRegex(ClientError, "NotAuthorizedException"):
            pool.respond_to_auth_challenge(**answer)
        browser = visitor()
        browser.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        self.assertNotIn("__Host-session", browser.cookies)
        browser.form("accounts/second_step", code=app_code(key))
        self.assertIn("__Host-session", browser.cookies)


class Passwords(unittest.TestCase):
    def assert_opens(self, email: str, password: str) -> None:
        visitor().form("accounts/sign_in", email=email, password=password)

    def assert_does_not_open(self, email: str, password: str) -> None:
        with self.assertRaisesRegex(seed.Refused, "wrong_credentials"):
            visitor().form("accounts/sign_in", email=email, password=password)

    def test_one_that_a_stranger_set_before_is_good_no_more(self):
        """As a pool may still have it that let people sign up."""
        email = nobody()
        pool = client("cognito-idp")
        attributes = [{"Name": "email", "Value": email}]
        pool.admin_create_user(
            UserPoolId=STAGE.setting("user-pool"), Username=email, TemporaryPassword=PLANTED, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
        wait_for_right(email)
        visitor().form("accounts/resend_code", email=email)
        code = seed.mailed_code(STAGE, email)
        browser = visitor()
        browser.form("accounts/confirm", email=email, code=code, password=CHOSEN)
        self.assertIn("__Host-session", browser.cookies)
        self.assert_does_not_open(email, PLANTED)
        self.assert_opens(email, CHOSEN)
        with self.assertRaisesRegex(seed.Refused, "wrong_code"):
            visitor().form("accounts/confirm", email=email, code=code, password=PLANTED)

    def test_a_code_for_an_account_sets_no_password_of_one_that_is_there(self):
        """It was mailed before the address got its account another way."""
        email = nobody()
        wait_for_right(email)
        visitor().form("accounts/resend_code", email=email)
        code = seed.mailed_code(STAGE, email)
        pool = STAGE.setting("user-pool")
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        client("cognito-idp").admin_create_user(UserPoolId=pool, Username=email, UserAttributes=attributes, MessageAction="SUPPRESS")
        client("cognito-idp").admin_set_user_password(UserPoolId=pool, Username=email, Password=CHOSEN, Permanent=True)
        with self.assertRaisesRegex(seed.Refused, "wrong_code"):
            visitor().form("accounts/confirm", email=email, code=code, password=PLANTED)
        self.assert_opens(email, CHOSEN)

    def test_with_a_blank_at_an_edge_they_are_refused_wherever_one_is_set(self):
        ada, browser = Account("ada"), visitor()
        browser.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        for bad in (f" {CHOSEN}", f"{CHOSEN} ", f"{CHOSEN}\t"):
            for name, fields in (
                ("confirm", {"email": ada.email, "code": "000000", "password": bad}),
                ("reset", {"email": ada.email, "code": "000000", "password": bad}),
                ("change_password", {"password": PASSWORD, "new_password": bad}),
            ):
                with self.subTest(f"{name} {bad!r}"), self.assertRaisesRegex(seed.Refused, "password_with_blanks"):
                    browser.form(f"accounts/{name}", **fields)
        self.assert_opens(ada.email, PASSWORD)

    def ends(self, change: Callable[[Account, seed.Visitor], None]) -> None:
        """Whatever was open by the old password is closed by the new one, and its owner hears of it."""
        ada, other, here = Account("ada"), visitor(), visitor()
        for browser in (other, here):
            browser.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        program = tokens(STAGE, ada.email, PASSWORD)
        renewed(STAGE, program["refresh_token"])
        change(ada, here)
        with self.assertRaisesRegex(seed.Refused, "sign_in"):
            other.form("accounts/sessions")
        with self.assertRaises(NotGiven):
            renewed(STAGE, program["refresh_token"])
        with self.assertRaises(NotGiven):
            tokens(STAGE, ada.email, PASSWORD)
        self.assert_does_not_open(ada.email, PASSWORD)
        self.assert_opens(ada.email, CHOSEN)
        until("the mail", lambda: [mail for mail in mails(ada.email) if "password has changed" in mail["Subject"]])

    def test_its_change_ends_other_sessions_and_programs(self):
        self.ends(lambda _, here: here.form("accounts/change_password", password=PASSWORD, new_password=CHOSEN))

    def test_its_reset_by_mail_ends_all_sessions_and_programs(self):
        def reset(ada: Account, here: seed.Visitor) -> None:
            stranger = visitor()
            stranger.form("accounts/forgot", email=ada.email)
            code = seed.mailed_code(STAGE, ada.email, "password reset code")
            stranger.form("accounts/reset", email=ada.email, code=code, password=CHOSEN)
            with self.assertRaisesRegex(seed.Refused, "sign_in"):
                here.form("accounts/sessions")

        self.ends(reset)

    def test_a_reset_s_code_comes_though_codes_were_stopped(self):
        ada, browser = Account("ada"), visitor()
        browser.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        browser.form("accounts/choose_mails", kind="code", on="false")
        visitor().form("accounts/forgot", email=ada.email)
        code = seed.mailed_code(STAGE, ada.email, "password reset code")
        (mail,) = (mail for mail in mails(ada.email) if "password reset code" in mail["Subject"])
        self.assertNotIn("/stop?", mail["BodyText"])
        visitor().form("accounts/reset", email=ada.email, code=code, password=CHOSEN)

    def test_an_address_without_an_account_gets_no_code_to_reset(self):
        email, ben = nobody(), Account("ben")
        for one in (email, ben.email):
            visitor().form("accounts/forgot", email=one)
        seed.mailed_code(STAGE, ben.email, "password reset code")
        self.assertEqual(mails(email), [])


if __name__ == "__main__":
    unittest.main()
