"""Passkeys for the local cloud's user pools: Cognito's WebAuthn API, which MiniStack lacks.

Passkeys are stored in MiniStack's user record, so they are deleted with the user. Browsers' responses are fully verified.
"""

import inspect
import json
import time
from urllib.parse import urlsplit

from ministack.core.responses import error_response_json, json_response
from ministack.services import cognito
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, options_to_json_dict, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from infra.local.patches import expect

_KEYS, _CHALLENGE = "_passkeys", "_passkey_challenge"
_USER_VERIFICATION = UserVerificationRequirement.REQUIRED


class CognitoError(Exception):
    """An error response: Cognito's exception name and message."""


def _fail(kind: str, message: str):
    raise CognitoError(kind, message)


def _relying_party(pool: dict) -> str:
    return (pool.get("WebAuthnConfiguration") or {}).get("RelyingPartyId") or _fail(
        "WebAuthnConfigurationMissingException", "The user pool has no relying party"
    )


def _descriptors(user: dict) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key["CredentialId"])) for key in user.get(_KEYS, [])]


def _signed_in(data: dict) -> tuple[dict, dict]:
    user, pool = cognito._user_pool_for_access_token(data.get("AccessToken", ""))
    return (user, pool) if user else _fail("NotAuthorizedException", "Invalid access token.")


def _origin(credential: dict, relying_party: str) -> str:
    """The expected origin: the response's own, if it belongs to the relying party."""
    origin = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).origin
    return origin if urlsplit(origin).hostname == relying_party else f"https://{relying_party}"


def _start(data: dict) -> dict:
    user, pool = _signed_in(data)
    options = generate_registration_options(
        rp_id=_relying_party(pool),
        rp_name=_relying_party(pool),
        user_name=user["Username"],
        user_id=user["Username"].encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_USER_VERIFICATION
        ),
        exclude_credentials=_descriptors(user),
    )
    user[_CHALLENGE] = bytes_to_base64url(options.challenge)
    return {"CredentialCreationOptions": options_to_json_dict(options)}


def _complete(data: dict) -> dict:
    user, pool = _signed_in(data)
    credential, expected = data["Credential"], user.pop(_CHALLENGE, None)
    if not expected:
        _fail("WebAuthnChallengeNotFoundException", "No registration was started")
    verified = verify_registration_response(
        credential=credential,
        expected_challenge=base64url_to_bytes(expected),
        expected_rp_id=_relying_party(pool),
        expected_origin=_origin(credential, _relying_party(pool)),
        require_user_verification=True,
    )
    user.setdefault(_KEYS, []).append(
        {
            "CredentialId": bytes_to_base64url(verified.credential_id),
            "key": bytes_to_base64url(verified.credential_public_key),
            "count": verified.sign_count,
            "CreatedAt": time.time(),
        }
    )
    return {}


def _delete(data: dict) -> dict:
    user, _ = _signed_in(data)
    remaining = [key for key in user.get(_KEYS, []) if key["CredentialId"] != data["CredentialId"]]
    if len(remaining) == len(user.get(_KEYS, [])):
        _fail("ResourceNotFoundException", "No such passkey")
    user[_KEYS] = remaining
    return {}


def _initiate(data: dict) -> dict:
    pool, pool_id = cognito._pool_for_client(data["ClientId"])
    username = data["AuthParameters"]["USERNAME"]
    if "ALLOW_USER_AUTH" not in pool["_clients"][data["ClientId"]]["ExplicitAuthFlows"]:
        _fail("InvalidParameterException", "USER_AUTH is not enabled for the client.")
    user, _ = cognito._resolve_user(pool, username)
    preferred = data["AuthParameters"].get("PREFERRED_CHALLENGE")
    if not user or preferred != "WEB_AUTHN" or not user.get(_KEYS):
        return {"ChallengeName": "SELECT_CHALLENGE", "AvailableChallenges": ["PASSWORD", "PASSWORD_SRP"], "Session": "none"}
    options = generate_authentication_options(
        rp_id=_relying_party(pool), allow_credentials=_descriptors(user), user_verification=_USER_VERIFICATION
    )
    token, session = cognito._create_challenge_session(pool_id, data["ClientId"], user["Username"])
    session[_CHALLENGE] = bytes_to_base64url(options.challenge)
    return {
        "ChallengeName": "WEB_AUTHN",
        "Session": token,
        "ChallengeParameters": {"CREDENTIAL_REQUEST_OPTIONS": json.dumps(options_to_json_dict(options))},
    }


def _respond(data: dict) -> dict:
    session, error = cognito._get_challenge_session(data.get("Session", ""))
    # USERNAME must be the pool's generated user name, not the e-mail address.
    if error or _CHALLENGE not in session or data["ChallengeResponses"].get("USERNAME") != session["username"]:
        _fail("NotAuthorizedException", "Invalid session for the user.")
    cognito._challenge_sessions.pop(data["Session"])
    pool = cognito._user_pools.get(session["pool_id"])
    user, _ = cognito._resolve_user(pool, session["username"])
    credential = json.loads(data["ChallengeResponses"]["CREDENTIAL"])
    key = next((key for key in user.get(_KEYS, []) if key["CredentialId"] == credential["id"]), None)
    if not key:
        _fail("NotAuthorizedException", "Invalid passkey.")
    verified = verify_authentication_response(
        credential=credential,
        expected_challenge=base64url_to_bytes(session[_CHALLENGE]),
        expected_rp_id=_relying_party(pool),
        expected_origin=_origin(credential, _relying_party(pool)),
        credential_public_key=base64url_to_bytes(key["key"]),
        credential_current_sign_count=key["count"],
        require_user_verification=True,
    )
    key["count"] = verified.new_sign_count
    return {"AuthenticationResult": cognito._build_auth_result(session["pool_id"], data["ClientId"], user)}


def _handler(action: str, data: dict):
    if action == "InitiateAuth" and data.get("AuthFlow") == "USER_AUTH":
        return _initiate
    if action == "RespondToAuthChallenge" and data.get("ChallengeName") == "WEB_AUTHN":
        return _respond
    return {
        "StartWebAuthnRegistration": _start,
        "CompleteWebAuthnRegistration": _complete,
        "DeleteWebAuthnCredential": _delete,
    }.get(action)


def patch() -> None:
    """Handles the passkey actions; MiniStack handles all others."""
    expect("cognito.handle_request", inspect.getsource(cognito.handle_request), "return await _dispatch_idp(action, data)")
    dispatch = cognito._dispatch_idp

    def responding(handler):
        def respond(data: dict):
            # These requests are unsigned: the region follows from the ids in them.
            cognito._pin_unsigned_idp_scope(data)
            try:
                return json_response(handler(data))
            except CognitoError as error:
                return error_response_json(*error.args, 400)
            except (WebAuthnException, KeyError, ValueError) as error:
                return error_response_json("NotAuthorizedException", f"Invalid passkey: {error}", 400)

        return respond

    async def dispatch_with_passkeys(action: str, data: dict):
        handler = _handler(action, data)
        if handler is None:
            return await dispatch(action, data)
        return cognito._run_idp_handler(responding(handler), action, data)

    cognito._dispatch_idp = dispatch_with_passkeys
