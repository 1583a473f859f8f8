"""Requests to the user pool that bypass `web`, as anybody who knows a client id can send; and effects of a password change."""

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
from infra.tests.cloud.fixtures import STAGE, client, hash_of, secret_hash, until, visitor, write_row
from infra.tests.cloud.test_api import PASSWORD, Account
from infra.tests.cloud.test_notifications import mails

ATTACKERS_PASSWORD = "planted by a stranger"
NEW_PASSWORD = "chosen by who has the mailbox"


def clients() -> dict[str, str]:
    """The ids of the pool's clients, by name."""
    listed = client("cognito-idp").list_user_pool_clients(UserPoolId=STAGE.setting("user-pool"), MaxResults=60)
    return {one["ClientName"]: one["ClientId"] for one in listed["UserPoolClients"]}


def unknown_address() -> str:
    return f"nobody-{uuid.uuid4().hex[:12]}@shoebox.test"


def known(email: str) -> bool:
    try:
        client("cognito-idp").admin_get_user(UserPoolId=STAGE.setting("user-pool"), Username=email)
    except client("cognito-idp").exceptions.UserNotFoundException:
        return False
    return True


def app_code(key: str) -> str:
    """The current code of an authenticator app for a base32 key (TOTP, RFC 6238)."""
    padded = key + "=" * (-len(key) % 8)
    digest = hmac.digest(base64.b32decode(padded), int(time.time() // 30).to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def start_sign_up(email: str) -> None:
    """Writes the row of a sign-up whose code is not entered yet."""
    ends_at = int(time.time()) + 3600
    row = {"version": {"N": "1"}, "as_owner": {"BOOL": False}, "ends_at": {"N": str(ends_at * 1000)}, "ttl": {"N": str(ends_at)}}
    write_row({"pk": {"S": f"ADMISSION#{hash_of(email)}"}, "sk": {"S": "ADMISSION"}} | row)


class BypassingWeb(unittest.TestCase):
    """The user pool's public API rejects every request, with any of its clients."""

    @classmethod
    def setUpClass(cls):
        cls.ada, cls.new = Account("ada"), unknown_address()

    def requests(self, client_id: str, proof: Callable[[str], str] | None = None) -> list[tuple[str, Callable[[], object]]]:
        """All requests with a client, with its SECRET_HASH if `proof` is given. The last two check passwords."""
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
            ("SignUp", lambda: pool.sign_up(**about(new, Password=ATTACKERS_PASSWORD), UserAttributes=attributes)),
            ("SignUp of an existing user", lambda: pool.sign_up(**about(ada, Password=ATTACKERS_PASSWORD))),
            ("ConfirmSignUp", lambda: pool.confirm_sign_up(**about(ada, ConfirmationCode="123456"))),
            ("ResendConfirmationCode", lambda: pool.resend_confirmation_code(**about(ada))),
            ("ForgotPassword", lambda: pool.forgot_password(**about(ada))),
            ("ConfirmForgotPassword", lambda: pool.confirm_forgot_password(**about(ada, ConfirmationCode="654321", Password=ATTACKERS_PASSWORD))),
            ("NEW_PASSWORD_REQUIRED", lambda: respond("NEW_PASSWORD_REQUIRED", NEW_PASSWORD=ATTACKERS_PASSWORD)),
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

    def test_all_clients_of_the_template_are_tested(self):
        resources = templates.load("state")["Resources"].values()
        # The local cloud has no identity providers, and so not their client.
        declared = [one["Properties"]["ClientName"] for one in resources if one["Type"] == "AWS::Cognito::UserPoolClient" and "Condition" not in one]
        self.assertLessEqual(set(declared), set(clients()))

    def test_without_a_client_secret_every_request_is_rejected(self):
        for name, client_id in clients().items():
            for what, send in self.requests(client_id):
                with self.subTest(f"{what} by {name}"), self.assertRaises(ClientError):
                    send()
        self.assert_nothing_happened()

    def test_with_the_secret_of_web_only_password_checks_are_permitted(self):
        # The pool's settings reject the other requests.
        for what, send in self.requests(clients()["web"], secret_hash)[:-2]:
            with self.subTest(what), self.assertRaises(ClientError):
                send()
        self.assert_nothing_happened()

    def test_an_api_token_cannot_change_its_user(self):
        pool, token = client("cognito-idp"), access_token(STAGE, self.ada.email, PASSWORD)
        for what, send in (
            ("UpdateUserAttributes", lambda: pool.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "email", "Value": self.new}])),
            ("ChangePassword", lambda: pool.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=ATTACKERS_PASSWORD)),
            ("AssociateSoftwareToken", lambda: pool.associate_software_token(AccessToken=token)),
            ("StartWebAuthnRegistration", lambda: pool.start_web_authn_registration(AccessToken=token)),
            ("DeleteUser", lambda: pool.delete_user(AccessToken=token)),
        ):
            with self.subTest(what), self.assertRaisesRegex(ClientError, "NotAuthorizedException"):
                send()
        self.assert_nothing_happened()

    def test_a_token_of_web_cannot_change_the_address(self):
        pool = client("cognito-idp")
        proof = {"USERNAME": self.ada.email, "PASSWORD": PASSWORD, "SECRET_HASH": secret_hash(self.ada.email)}
        response = pool.initiate_auth(ClientId=clients()["web"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=proof)
        token = response["AuthenticationResult"]["AccessToken"]
        for name, value in (("email", self.new), ("email_verified", "true"), ("name", "Ada")):
            with self.subTest(name), self.assertRaisesRegex(ClientError, "NotAuthorizedException"):
                pool.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": name, "Value": value}])
        self.assert_nothing_happened()

    def test_browsers_get_no_token(self):
        browser = visitor()
        body = browser.form("accounts/sign_in", email=self.ada.email, password=PASSWORD)
        received = json.dumps([body, browser.cookies])
        self.assertIn("__Host-session", received)
        self.assertNotRegex(received, r"eyJ[\w-]+\.[\w-]+\.", "a JWT")


class Mfa(unittest.TestCase):
    def test_the_code_is_sent_with_the_generated_user_name_instead_of_the_address(self):
        """Cognito calculates SECRET_HASH with the generated user name."""
        ada, pool = Account("ada"), client("cognito-idp")
        of_client = {"ClientId": clients()["web"]}
        proof = {"USERNAME": ada.email, "PASSWORD": PASSWORD, "SECRET_HASH": secret_hash(ada.email)}
        request = of_client | {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": proof}
        token = pool.initiate_auth(**request)["AuthenticationResult"]["AccessToken"]
        key = pool.associate_software_token(AccessToken=token)["SecretCode"]
        pool.verify_software_token(AccessToken=token, UserCode=app_code(key))
        enabled = {"Enabled": True, "PreferredMfa": True}
        pool.admin_set_user_mfa_preference(UserPoolId=STAGE.setting("user-pool"), Username=ada.email, SoftwareTokenMfaSettings=enabled)
        challenge = pool.initiate_auth(**request) | of_client
        responses = {"USERNAME": ada.email, "SECRET_HASH": secret_hash(ada.email), "SOFTWARE_TOKEN_MFA_CODE": app_code(key)}
        answer = {name: challenge[name] for name in ("ClientId", "ChallengeName", "Session")} | {"ChallengeResponses": responses}
        with self.assertRaisesRegex(ClientError, "NotAuthorizedException"):
            pool.respond_to_auth_challenge(**answer)
        browser = visitor()
        browser.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        self.assertNotIn("__Host-session", browser.cookies)
        browser.form("accounts/second_step", code=app_code(key))
        self.assertIn("__Host-session", browser.cookies)


class Passwords(unittest.TestCase):
    def assert_accepted(self, email: str, password: str) -> None:
        visitor().form("accounts/sign_in", email=email, password=password)

    def assert_rejected(self, email: str, password: str) -> None:
        with self.assertRaisesRegex(seed.Refused, "wrong_credentials"):
            visitor().form("accounts/sign_in", email=email, password=password)

    def test_a_password_set_before_the_sign_up_is_replaced(self):
        """A user pool that once permitted SignUp may still have such a user."""
        email = unknown_address()
        pool = client("cognito-idp")
        attributes = [{"Name": "email", "Value": email}]
        pool.admin_create_user(
            UserPoolId=STAGE.setting("user-pool"), Username=email, TemporaryPassword=ATTACKERS_PASSWORD, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
        start_sign_up(email)
        visitor().form("accounts/resend_code", email=email)
        code = seed.mailed_code(STAGE, email)
        browser = visitor()
        browser.form("accounts/confirm", email=email, code=code, password=NEW_PASSWORD)
        self.assertIn("__Host-session", browser.cookies)
        self.assert_rejected(email, ATTACKERS_PASSWORD)
        self.assert_accepted(email, NEW_PASSWORD)
        with self.assertRaisesRegex(seed.Refused, "wrong_code"):
            visitor().form("accounts/confirm", email=email, code=code, password=ATTACKERS_PASSWORD)

    def test_a_sign_up_code_does_not_set_the_password_of_an_existing_account(self):
        """The account was created in another way after the code was mailed."""
        email = unknown_address()
        start_sign_up(email)
        visitor().form("accounts/resend_code", email=email)
        code = seed.mailed_code(STAGE, email)
        pool = STAGE.setting("user-pool")
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        client("cognito-idp").admin_create_user(UserPoolId=pool, Username=email, UserAttributes=attributes, MessageAction="SUPPRESS")
        client("cognito-idp").admin_set_user_password(UserPoolId=pool, Username=email, Password=NEW_PASSWORD, Permanent=True)
        with self.assertRaisesRegex(seed.Refused, "wrong_code"):
            visitor().form("accounts/confirm", email=email, code=code, password=ATTACKERS_PASSWORD)
        self.assert_accepted(email, NEW_PASSWORD)

    def test_leading_and_trailing_blanks_are_rejected_wherever_a_password_is_set(self):
        ada, browser = Account("ada"), visitor()
        browser.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        for bad in (f" {NEW_PASSWORD}", f"{NEW_PASSWORD} ", f"{NEW_PASSWORD}\t"):
            for name, fields in (
                ("confirm", {"email": ada.email, "code": "000000", "password": bad}),
                ("reset", {"email": ada.email, "code": "000000", "password": bad}),
                ("change_password", {"password": PASSWORD, "new_password": bad}),
            ):
                with self.subTest(f"{name} {bad!r}"), self.assertRaisesRegex(seed.Refused, "password_with_blanks"):
                    browser.form(f"accounts/{name}", **fields)
        self.assert_accepted(ada.email, PASSWORD)

    def assert_change_signs_out(self, change: Callable[[Account, seed.Visitor], None]) -> None:
        """A password change ends sessions and tokens of the old password, and the owner is notified."""
        ada, other, current = Account("ada"), visitor(), visitor()
        for browser in (other, current):
            browser.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        program = tokens(STAGE, ada.email, PASSWORD)
        renewed(STAGE, program["refresh_token"])
        change(ada, current)
        with self.assertRaisesRegex(seed.Refused, "sign_in"):
            other.form("accounts/sessions")
        with self.assertRaises(NotGiven):
            renewed(STAGE, program["refresh_token"])
        with self.assertRaises(NotGiven):
            tokens(STAGE, ada.email, PASSWORD)
        self.assert_rejected(ada.email, PASSWORD)
        self.assert_accepted(ada.email, NEW_PASSWORD)
        until("the mail", lambda: [mail for mail in mails(ada.email) if "password has changed" in mail["Subject"]])

    def test_a_change_ends_other_sessions_and_tokens(self):
        self.assert_change_signs_out(lambda _, current: current.form("accounts/change_password", password=PASSWORD, new_password=NEW_PASSWORD))

    def test_a_reset_by_mail_ends_all_sessions_and_tokens(self):
        def reset(ada: Account, current: seed.Visitor) -> None:
            stranger = visitor()
            stranger.form("accounts/forgot", email=ada.email)
            code = seed.mailed_code(STAGE, ada.email, "password reset code")
            stranger.form("accounts/reset", email=ada.email, code=code, password=NEW_PASSWORD)
            with self.assertRaisesRegex(seed.Refused, "sign_in"):
                current.form("accounts/sessions")

        self.assert_change_signs_out(reset)

    def test_a_reset_code_is_mailed_in_spite_of_an_unsubscription(self):
        ada, browser = Account("ada"), visitor()
        browser.form("accounts/sign_in", email=ada.email, password=PASSWORD)
        browser.form("accounts/choose_mails", kind="code", on="false")
        visitor().form("accounts/forgot", email=ada.email)
        code = seed.mailed_code(STAGE, ada.email, "password reset code")
        (mail,) = (mail for mail in mails(ada.email) if "password reset code" in mail["Subject"])
        self.assertNotIn("/stop?", mail["BodyText"])
        visitor().form("accounts/reset", email=ada.email, code=code, password=NEW_PASSWORD)

    def test_an_address_without_an_account_gets_no_reset_code(self):
        email, ben = unknown_address(), Account("ben")
        for one in (email, ben.email):
            visitor().form("accounts/forgot", email=one)
        seed.mailed_code(STAGE, ben.email, "password reset code")
        self.assertEqual(mails(email), [])


if __name__ == "__main__":
    unittest.main()
