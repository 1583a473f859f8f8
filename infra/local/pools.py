"""What MiniStack's user pools let anybody do, and Cognito does not: it keeps some settings of a pool and its clients without acting by them.

Nobody signs up where administrators alone make users, or resets a password where they alone recover accounts; a code is sent again only
for attributes that are verified by themselves; who has a token writes what its client may write; and a challenge is answered by
whoever was asked it, under the name that the pool gave them, not under their address.
"""

from ministack.services import cognito

from infra.local.patches import rewrite

_FIND_USER = "    user, _err = _resolve_user(pool, username)\n"
_CHALLENGE = "shoebox_challenge"


def _refuse(condition: str, kind: str, message: str) -> str:
    return f'    if {condition}:\n        return error_response_json("{kind}", "{message}", 400)\n'


def _close_sign_up() -> None:
    before = '    username_err = _new_user_error(pool, username or "", _attr_list_to_dict(data.get("UserAttributes", [])))\n'
    only_admins = '(pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly")'
    refusal = _refuse(only_admins, "NotAuthorizedException", "SignUp is not permitted for this user pool")
    rewrite(cognito, "_sign_up", (before, refusal + before))


def _close_recovery() -> None:
    mechanisms = '(pool.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms") or []'
    only_admins = f'any(one.get("Name") == "admin_only" for one in {mechanisms})'
    refusal = _refuse(only_admins, "NotAuthorizedException", "Contact administrator to reset password")
    rewrite(cognito, "_forgot_password", (_FIND_USER, refusal + _FIND_USER))


def _send_no_codes_unasked() -> None:
    refusal = _refuse(
        'not pool.get("AutoVerifiedAttributes")', "InvalidParameterException", "Cannot resend codes. Auto verification not turned on."
    )
    rewrite(cognito, "_resend_confirmation_code", (_FIND_USER, refusal + _FIND_USER))


def _write_what_the_client_may() -> None:
    write = '    user["Attributes"] = _merge_attributes(\n'
    client = '_pool["_clients"].get(_token_claims(access_token).get("client_id"), {})'
    check = f'    writable = {client}.get("WriteAttributes")\n' + _refuse(
        'writable and any(one["Name"] not in writable for one in data.get("UserAttributes", []))',
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
    )
    rewrite(cognito, "_update_user_attributes", (write, check + write))


def _ask(pool_id: str, client_id: str, user: dict, challenge: str) -> str:
    """The session of a challenge that a right password is answered with."""
    token, session = cognito._create_challenge_session(pool_id, client_id, user["Username"])
    session[_CHALLENGE] = challenge
    return token


def _was_asked(data: dict) -> bool:
    """Whether it is this challenge, of this user and client, that the session is of."""
    session, _ = cognito._get_challenge_session(data.get("Session"))
    answers = (data.get("ChallengeResponses", {}).get("USERNAME"), data.get("ClientId"), data.get("ChallengeName"))
    return bool(session) and (session["username"], session["client_id"], session.get(_CHALLENGE)) == answers


def _answer_what_was_asked() -> None:
    cognito._shoebox_ask, cognito._shoebox_was_asked = _ask, _was_asked
    new_password = "        session = base64.b64encode(secrets.token_bytes(32)).decode()\n"
    mfa = "        mfa_challenge = _mfa_challenge_for_user(pool, user, pid, username)\n"
    keep = '        if mfa_challenge:\n            mfa_challenge["Session"] = _shoebox_ask(pid, cid, user, "SOFTWARE_TOKEN_MFA")\n'
    rewrite(
        cognito,
        "_password_auth_result",
        (new_password, '        session = _shoebox_ask(pid, cid, user, "NEW_PASSWORD_REQUIRED")\n'),
        (mfa, mfa + keep),
    )
    answer = '    if challenge_name == "NEW_PASSWORD_REQUIRED":\n'
    challenges = '("NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA", "MFA_SETUP")'
    refusal = _refuse(
        f"challenge_name in {challenges} and not _shoebox_was_asked(data)", "NotAuthorizedException", "Invalid session for the user."
    )
    rewrite(cognito, "_respond_to_auth_challenge", (answer, refusal + answer))


def patch() -> None:
    """Has user pools refuse what Cognito would."""
    _close_sign_up()
    _close_recovery()
    _send_no_codes_unasked()
    _write_what_the_client_may()
    _answer_what_was_asked()
