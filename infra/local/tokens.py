"""Access tokens for programs, as a program on somebody's machine gets them: Cognito's hosted pages, by code and PKCE."""

import base64
import hashlib
import json
import secrets
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlencode, urlsplit

from infra.stacks import Stack
from infra.stage import Stage

CALLBACK = "http://localhost:8976/"
SCOPES = ("shoebox/photos.read", "shoebox/photos.write", "shoebox/photos.delete")


class NotGiven(Exception):
    """The hosted pages gave no token; the message has what they said."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Nobody listens at the callback: the code is read from where the page wanted to go."""

    def redirect_request(self, *_):
        return None


def _post(address: str, **fields: str):
    opener = urllib.request.build_opener(_Stay)
    try:
        return opener.open(urllib.request.Request(address, urlencode(fields).encode()), timeout=60)
    except urllib.error.HTTPError as answer:
        return answer


def access_token(stage: Stage, email: str, password: str, scopes: tuple[str, ...] = SCOPES, client: str | None = None) -> str:
    """What lets a program act for this account, as far as the scopes say."""
    return tokens(stage, email, password, scopes, client)["access_token"]


def tokens(stage: Stage, email: str, password: str, scopes: tuple[str, ...] = SCOPES, client: str | None = None) -> dict:
    """All that a program gets by this account's password."""
    hosted = stage.setting("hosted-address")
    client = client or Stack(stage, "state").outputs()["ApiClientId"]
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "client_id": client,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with _post(f"{hosted}/login", **asked, username=email, password=password) as answer:
        back = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
        if back.get("state") != [state] or "code" not in back:
            raise NotGiven(f"{answer.status} {answer.headers.get('Location')} {answer.read(300)}")
    given = {"grant_type": "authorization_code", "client_id": client, "redirect_uri": CALLBACK}
    return _given(hosted, **given, code=back["code"][0], code_verifier=verifier)


def renewed(stage: Stage, refresh_token: str) -> dict:
    """What a program gets for what it got before, without a password."""
    client = Stack(stage, "state").outputs()["ApiClientId"]
    given = {"grant_type": "refresh_token", "client_id": client}
    return _given(stage.setting("hosted-address"), **given, refresh_token=refresh_token)


def _given(hosted: str, **fields: str) -> dict:
    with _post(f"{hosted}/oauth2/token", **fields) as answer:
        said = json.load(answer)
    if "access_token" not in said:
        raise NotGiven(str(said))
    return said
