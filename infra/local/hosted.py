"""A mock of Cognito's hosted pages with the identity providers Google and Facebook, for local test stages.

The local cloud does not support federation. This mock asks for an identity without checking it, and issues what Cognito issues: a
single-use authorization code with PKCE, and an ID token signed by a published key. A test may request one flaw in the token. It stores
nothing on disk.
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
_REQUIRED = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method")


def port(stage: Stage) -> int:
    return stage.port + 50


def setting(stage: Stage) -> str:
    """The setting `federation` of the stage's functions."""
    address = f"http://127.0.0.1:{port(stage)}"
    return json.dumps({"providers": PROVIDERS, "client": CLIENT, "address": address, "issuer": f"{address}/pool"})


def subject(email: str) -> str:
    """The default subject of an e-mail address at a provider."""
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
    """Issued codes, and the current signing key."""

    def __init__(self, issuer: str):
        self.issuer = issuer
        self.key = Key()
        self.codes: dict[str, dict] = {}
        self.lock = threading.Lock()

    def issue_code(self, request: dict, answers: dict) -> str:
        code = secrets.token_urlsafe(24)
        with self.lock:
            self.codes[code] = {"request": request, "answers": answers}
        return code

    def token(self, form: dict) -> str | None:
        """The ID token for a code, which is valid once and only with its PKCE verifier."""
        with self.lock:
            issued = self.codes.pop(form.get("code", ""), None)
        if not issued or form.get("grant_type") != "authorization_code":
            return None
        request, answers = issued["request"], issued["answers"]
        challenge = _encoded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != request["code_challenge"] or any(form.get(name) != request[name] for name in ("client_id", "redirect_uri")):
            return None
        return self._signed(self._claims(request, answers), answers.get("flaw", ""))

    def _claims(self, request: dict, answers: dict) -> dict:
        now, provider = int(time.time()), request["identity_provider"]
        email = answers.get("email", "")
        user_id = answers.get("subject") or subject(email)
        user = {"userId": user_id, "providerName": provider, "providerType": provider, "issuer": None, "primary": "true", "dateCreated": str(now)}
        claims = {
            "sub": "11111111-2222-4333-8444-555555555555",
            "iss": self.issuer,
            "aud": CLIENT,
            "token_use": "id",
            "iat": now,
            "exp": now + 300,
            "nonce": request["nonce"],
            "email": email,
            "email_verified": answers.get("verified") == "yes",
            "cognito:username": f"{provider}_{user_id}",
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
        }.get(answers.get("flaw", ""), {})

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
            # Not a flaw: after a rotation the previous key is no longer published.
            self.key = Key()
        return self.key.sign(claims)


def _page(provider: str, query: str) -> bytes:
    """The form that asks for an identity."""
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

    def _respond(self, status: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _query(self) -> dict:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def _form(self) -> dict:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}

    def _is_invalid(self, query: dict) -> bool:
        supported = query.get("client_id") == CLIENT and query.get("response_type") == "code" and query.get("code_challenge_method") == "S256"
        return not supported or query.get("identity_provider") not in PROVIDERS or any(not query.get(name) for name in _REQUIRED)

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/pool/.well-known/jwks.json":
            return self._respond(200, json.dumps({"keys": [self.provider.key.public()]}).encode())
        query = self._query()
        if path != "/oauth2/authorize" or self._is_invalid(query):
            return self._respond(400, b'{"error": "invalid_request"}')
        return self._respond(200, _page(query["identity_provider"], urlsplit(self.path).query), "text/html; charset=utf-8")

    def do_POST(self):
        path, query, form = urlsplit(self.path).path, self._query(), self._form()
        if path == "/oauth2/token":
            token = self.provider.token(form)
            if token is None:
                return self._respond(400, b'{"error": "invalid_grant"}')
            return self._respond(200, json.dumps({"id_token": token, "token_type": "Bearer", "expires_in": 300}).encode())
        if path != "/oauth2/authorize" or self._is_invalid(query):
            return self._respond(400, b'{"error": "invalid_request"}')
        if form.get("answer") == "no":
            parameters = {"error": "access_denied", "error_description": "User cancelled <b>it</b>"}
        else:
            parameters = {"code": self.provider.issue_code(query, form)}
        return self._respond(302, Location=f"{query['redirect_uri']}?{urlencode(parameters | {'state': query['state']})}")


def serve(number: int) -> None:
    """Serves on a loopback port, in threads of this process."""
    handler = type("Handler", (_Handler,), {"provider": Provider(f"http://127.0.0.1:{number}/pool")})
    server = ThreadingHTTPServer(("127.0.0.1", number), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def configure(stage: Stage) -> None:
    """Overwrites the setting that the stack `state` made, so that the stage's functions use this mock."""
    stage.client("ssm").put_parameter(Name=f"/shoebox/{stage.name}/federation", Value=setting(stage), Type="String", Overwrite=True)
