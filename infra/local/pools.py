"""Enforces settings of user pools and their clients that MiniStack stores but ignores.

AllowAdminCreateUserOnly forbids signing up, and recovery by `admin_only` forbids resetting a password; codes are sent again only with
AutoVerifiedAttributes; a token writes only its client's WriteAttributes; and a challenge is bound to its user, client and name, where the
user is identified by the generated user name, not by the e-mail address.
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


def _require_auto_verification() -> None:
    refusal = _refuse(
        'not pool.get("AutoVerifiedAttributes")', "InvalidParameterException", "Cannot resend codes. Auto verification not turned on."
    )
    rewrite(cognito, "_resend_confirmation_code", (_FIND_USER, refusal + _FIND_USER))


def _enforce_write_attributes() -> None:
    write = '    user["Attributes"] = _merge_attributes(\n'
    client = '_pool["_clients"].get(_token_claims(access_token).get("client_id"), {})'
    check = f'    writable = {client}.get("WriteAttributes")\n' + _refuse(
        'writable and any(one["Name"] not in writable for one in data.get("UserAttributes", []))',
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
    )
    rewrite(cognito, "_update_user_attributes", (write, check + write))


def _start_challenge(pool_id: str, client_id: str, user: dict, challenge: str) -> str:
    """Creates the session of a challenge that follows a correct password."""
    token, session = cognito._create_challenge_session(pool_id, client_id, user["Username"])
    session[_CHALLENGE] = challenge
    return token


def _is_for_challenge(data: dict) -> bool:
    """Whether the response's user, client and challenge match its session."""
    session, _ = cognito._get_challenge_session(data.get("Session"))
    response = (data.get("ChallengeResponses", {}).get("USERNAME"), data.get("ClientId"), data.get("ChallengeName"))
    return bool(session) and (session["username"], session["client_id"], session.get(_CHALLENGE)) == response


def _bind_challenges() -> None:
    cognito._shoebox_start_challenge, cognito._shoebox_is_for_challenge = _start_challenge, _is_for_challenge
    new_password = "        session = base64.b64encode(secrets.token_bytes(32)).decode()\n"
    mfa = "        mfa_challenge = _mfa_challenge_for_user(pool, user, pid, username)\n"
    keep = '        if mfa_challenge:\n            mfa_challenge["Session"] = _shoebox_start_challenge(pid, cid, user, "SOFTWARE_TOKEN_MFA")\n'
    rewrite(
        cognito,
        "_password_auth_result",
        (new_password, '        session = _shoebox_start_challenge(pid, cid, user, "NEW_PASSWORD_REQUIRED")\n'),
        (mfa, mfa + keep),
    )
    begin = '    if challenge_name == "NEW_PASSWORD_REQUIRED":\n'
    challenges = '("NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA", "MFA_SETUP")'
    refusal = _refuse(
        f"challenge_name in {challenges} and not _shoebox_is_for_challenge(data)", "NotAuthorizedException", "Invalid session for the user."
    )
    rewrite(cognito, "_respond_to_auth_challenge", (begin, refusal + begin))


def patch() -> None:
    """Applies all of them."""
    _close_sign_up()
    _close_recovery()
    _require_auto_verification()
    _enforce_write_attributes()
    _bind_challenges()
