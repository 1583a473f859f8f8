"""Access tokens for API clients, from Cognito's hosted pages: OAuth 2.0 authorization code flow with PKCE."""

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
    """The hosted pages issued no token; the message has their response."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Does not follow redirects: the code is read from the redirect to the callback, where no server listens."""

    def redirect_request(self, *_):
        return None


def _post(address: str, **fields: str):
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        return opener.open(urllib.request.Request(address, urlencode(fields).encode()), timeout=60)
    except urllib.error.HTTPError as response:
        return response


def access_token(stage: Stage, email: str, password: str, scopes: tuple[str, ...] = SCOPES, client: str | None = None) -> str:
    """An access token for the account, with these scopes."""
    return tokens(stage, email, password, scopes, client)["access_token"]


def tokens(stage: Stage, email: str, password: str, scopes: tuple[str, ...] = SCOPES, client: str | None = None) -> dict:
    """The token response for the account's password."""
    hosted = stage.setting("hosted-address")
    client = client or Stack(stage, "state").outputs()["ApiClientId"]
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    request = {
        "client_id": client,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with _post(f"{hosted}/login", **request, username=email, password=password) as response:
        callback = parse_qs(urlsplit(response.headers.get("Location", "")).query)
        if callback.get("state") != [state] or "code" not in callback:
            raise NotGiven(f"{response.status} {response.headers.get('Location')} {response.read(300)}")
    fields = {"grant_type": "authorization_code", "client_id": client, "redirect_uri": CALLBACK}
    return _exchange(hosted, **fields, code=callback["code"][0], code_verifier=verifier)


def renewed(stage: Stage, refresh_token: str) -> dict:
    """The token response for a refresh token."""
    client = Stack(stage, "state").outputs()["ApiClientId"]
    fields = {"grant_type": "refresh_token", "client_id": client}
    return _exchange(stage.setting("hosted-address"), **fields, refresh_token=refresh_token)


def _exchange(hosted: str, **fields: str) -> dict:
    with _post(f"{hosted}/oauth2/token", **fields) as response:
        tokens = json.load(response)
    if "access_token" not in tokens:
        raise NotGiven(str(tokens))
    return tokens
