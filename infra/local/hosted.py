"""A small provider that plays Cognito's hosted pages on the test stage, with Google and Facebook behind them.

The local cloud knows no other providers. This one asks whoever comes who they are, believes them, and issues what Cognito
issues: a code, once, for the verifier of its challenge; and an ID token, signed by a key that it publishes. A test may ask
for one flaw in the token. It keeps nothing.
"""

import base64
import hashlib
import hmac
import html
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from infra.stage import Stage

CLIENT = "federated-at-home"
PROVIDERS = ["Google", "Facebook"]
_WANTED = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method")


def port(stage: Stage) -> int:
    return stage.port + 50


def setting(stage: Stage) -> str:
    """What the stage's functions are told of it."""
    here = f"http://127.0.0.1:{port(stage)}"
    return json.dumps({"providers": PROVIDERS, "client": CLIENT, "address": here, "issuer": f"{here}/pool"})


def subject(email: str) -> str:
    """Who somebody with this address is there, unless they say otherwise."""
    return hashlib.sha256(email.encode()).hexdigest()[:21]


def _encoded(content: bytes | dict) -> str:
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class Key:
    def __init__(self):
        self.id = secrets.token_urlsafe(8)
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def public(self) -> dict:
        numbers = self._private.public_key().public_numbers()
        parts = {name: _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big")) for name, value in (("n", numbers.n), ("e", numbers.e))}
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.id, **parts}

    def pem(self) -> bytes:
        return self._private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, claims: dict, kid: str | None = None) -> str:
        text = f"{_encoded({'alg': 'RS256', 'kid': kid or self.id})}.{_encoded(claims)}"
        return f"{text}.{_encoded(self._private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class Provider:
    """Who waits with which code, and the key that signs today."""

    def __init__(self, issuer: str):
        self.issuer = issuer
        self.key = Key()
        self.codes: dict[str, dict] = {}
        self.lock = threading.Lock()

    def give_code(self, asked: dict, said: dict) -> str:
        code = secrets.token_urlsafe(24)
        with self.lock:
            self.codes[code] = {"asked": asked, "said": said}
        return code

    def token(self, form: dict) -> str | None:
        """The ID token for a code, once and for its verifier alone."""
        with self.lock:
            given = self.codes.pop(form.get("code", ""), None)
        if not given or form.get("grant_type") != "authorization_code":
            return None
        asked = given["asked"]
        challenge = _encoded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != asked["code_challenge"] or any(form.get(name) != asked[name] for name in ("client_id", "redirect_uri")):
            return None
        return self._signed(self._claims(asked, given["said"]), given["said"].get("flaw", ""))

    def _claims(self, asked: dict, said: dict) -> dict:
        now, provider = int(time.time()), asked["identity_provider"]
        email = said.get("email", "")
        who = said.get("subject") or subject(email)
        user = {"userId": who, "providerName": provider, "providerType": provider, "issuer": None, "primary": "true", "dateCreated": str(now)}
        claims = {
            "sub": "11111111-2222-4333-8444-555555555555",
            "iss": self.issuer,
            "aud": CLIENT,
            "token_use": "id",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": email,
            "email_verified": said.get("verified") == "yes",
            "cognito:username": f"{provider}_{who}",
            "identities": [user],
        }
        return claims | {
            "nonce": {"nonce": secrets.token_urlsafe(32)},
            "audience": {"aud": "another-client"},
            "issuer": {"iss": f"{self.issuer}-of-others"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "use": {"token_use": "access"},
            "provider": {"identities": [user | {"providerName": "Evil"}]},
            "own": {"identities": []},
        }.get(said.get("flaw", ""), {})

    def _signed(self, claims: dict, flaw: str) -> str:
        if flaw == "unsigned":
            return f"{_encoded({'alg': 'none', 'kid': self.key.id})}.{_encoded(claims)}."
        if flaw == "symmetric":
            text = f"{_encoded({'alg': 'HS256', 'kid': self.key.id})}.{_encoded(claims)}"
            return f"{text}.{_encoded(hmac.digest(self.key.pem(), text.encode(), 'sha256'))}"
        if flaw == "forged":
            return Key().sign(claims, self.key.id)
        if flaw == "stranger":
            return Key().sign(claims)
        if flaw == "rotated":
            # No flaw: keys change, and those before are published no more.
            self.key = Key()
        return self.key.sign(claims)


def _page(provider: str, query: str) -> bytes:
    """Asks who somebody is."""
    name, action = html.escape(provider), html.escape(f"/oauth2/authorize?{query}")
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><link rel="icon" href="data:,"><main><h1>{name}</h1>
<form method="post" action="{action}">
<p><label>E-mail at {name} <input name="email" type="email"></label></p>
<p><label><input name="verified" type="checkbox" value="yes" checked> It is proved</label></p>
<p><button name="answer" value="yes">It’s me</button> <button name="answer" value="no">Cancel</button></p>
</form></main></html>""".encode()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _answer(self, status: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _asked(self) -> dict:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def _form(self) -> dict:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}

    def _refuses(self, asked: dict) -> bool:
        fits = asked.get("client_id") == CLIENT and asked.get("response_type") == "code" and asked.get("code_challenge_method") == "S256"
        return not fits or asked.get("identity_provider") not in PROVIDERS or any(not asked.get(name) for name in _WANTED)

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/pool/.well-known/jwks.json":
            return self._answer(200, json.dumps({"keys": [self.provider.key.public()]}).encode())
        asked = self._asked()
        if path != "/oauth2/authorize" or self._refuses(asked):
            return self._answer(400, b'{"error": "invalid_request"}')
        return self._answer(200, _page(asked["identity_provider"], urlsplit(self.path).query), "text/html; charset=utf-8")

    def do_POST(self):
        path, asked, form = urlsplit(self.path).path, self._asked(), self._form()
        if path == "/oauth2/token":
            token = self.provider.token(form)
            if token is None:
                return self._answer(400, b'{"error": "invalid_grant"}')
            return self._answer(200, json.dumps({"id_token": token, "token_type": "Bearer", "expires_in": 300}).encode())
        if path != "/oauth2/authorize" or self._refuses(asked):
            return self._answer(400, b'{"error": "invalid_request"}')
        if form.get("answer") == "no":
            back = {"error": "access_denied", "error_description": "User cancelled <b>it</b>"}
        else:
            back = {"code": self.provider.give_code(asked, form)}
        return self._answer(302, Location=f"{asked['redirect_uri']}?{urlencode(back | {'state': asked['state']})}")


def serve(number: int) -> None:
    """Serves on a port of this machine, in threads of this process."""
    handler = type("Handler", (_Handler,), {"provider": Provider(f"http://127.0.0.1:{number}/pool")})
    server = ThreadingHTTPServer(("127.0.0.1", number), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def introduce(stage: Stage) -> None:
    """Tells the stage's functions of it, in the place of what `state` says."""
    stage.client("ssm").put_parameter(Name=f"/shoebox/{stage.name}/federation", Value=setting(stage), Type="String", Overwrite=True)
