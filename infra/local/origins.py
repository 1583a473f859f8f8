"""Which pages may ask the local cloud for what.

Its functions run on this machine and its credentials are no secret, so a page of somebody else's that is open meanwhile must get
nothing from it: neither with its own origin, nor under a name that it makes mean this machine (DNS rebinding). The site itself, its
APIs and its sockets are left to their own checks, which the tests look at.
"""

import inspect
import os
import re
from urllib.parse import parse_qs, urlsplit

from ministack import app
from ministack.core import lambda_runtime
from ministack.core.router import detect_service
from ministack.services import cloudfront

from infra.local.patches import expect

_HERE = re.compile(r"(?:localhost|(?:[a-z0-9-]+\.)+localhost|127\.0\.0\.1|\[::1\])")
_SIGNED_IN_QUERY = {"X-Amz-Credential", "x-amz-credential", "AWSAccessKeyId"}
_HOSTED_PAGES = ("/oauth2/authorize", "/logout")
_REFUSAL = b'{"message": "The local cloud does not answer this page"}'


def is_here(host: str) -> bool:
    """Whether a name, with or without a port, is one that nobody can point elsewhere."""
    return _HERE.fullmatch(re.sub(r":\d+$", "", host.lower())) is not None


def is_own(origin: str, port: int) -> bool:
    """Whether an origin is a page that this cloud served."""
    try:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.port == port and is_here(parts.netloc)
    except ValueError:
        return False


def _is_site(host: str, path: str, headers: dict[str, str], query: dict) -> bool:
    """Whether a request reaches the distribution or an API, which look at origins themselves."""
    signed = _SIGNED_IN_QUERY & query.keys() or headers.get("authorization", "").startswith("AWS")
    # These are answered under every name.
    own_pages = path.startswith(("/_ministack/", "/_localstack/"))
    if signed or own_pages:
        return False
    label = app._parse_cloudfront_dataplane_host(host)
    if label is not None:
        return cloudfront.find_distribution_for_label(label) is not None
    return app._parse_execute_api_url(host, path) is not None


def _is_link(method: str, path: str, headers: dict[str, str], query: dict) -> bool:
    """Whether a page of another origin may lead there: to an original by its signed address, and to the hosted sign-in."""
    if method not in ("GET", "HEAD"):
        return False
    if path in _HOSTED_PAGES:
        return True
    to_object = app._s3_cors_target(headers.get("host", ""), path) is not None
    return to_object and detect_service(method, path, headers, query) == "s3"


def refuses(method: str, path: str, query: dict, headers: dict[str, str], port: int) -> bool:
    """Whether a request comes from elsewhere. `query` has lists of values, `headers` have names in lower case."""
    host = headers.get("host", "")
    if not is_here(host):
        return True
    if _is_site(host, path, headers, query):
        return False
    if "origin" in headers:
        return not is_own(headers["origin"], port)
    # Browsers say it of what pictures, scripts and links ask for, too, which have no origin.
    from_elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")
    return from_elsewhere and not _is_link(method, path, headers, query)


def _without_wildcard(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """An answer's headers; one that any origin could read loses what allows it."""
    names = {name.lower(): value for name, value in headers}
    if names.get(b"access-control-allow-origin") != b"*":
        return headers
    return [(name, value) for name, value in headers if not name.lower().startswith(b"access-control-")]


async def _refuse(scope: dict, receive, send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_REFUSAL)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": _REFUSAL})


def refuse_pages_at_runtimes() -> None:
    """Functions fetch their events from ports of their own. No page has anything to ask there, neither of ours nor of others."""
    worker = lambda_runtime.ProvidedWorker
    expect("_build_handler_class", inspect.getsource(worker._build_handler_class), "return RuntimeAPIHandler")
    handler_class = worker._build_handler_class

    def handler_class_for_functions(self, *arguments):
        class ForFunctions(handler_class(self, *arguments)):
            def parse_request(self) -> bool:
                if not super().parse_request():
                    return False
                by_page = "origin" in self.headers or "sec-fetch-site" in self.headers or not is_here(self.headers.get("host", ""))
                if by_page:
                    self.send_error(403)
                return not by_page

        return ForFunctions

    worker._build_handler_class = handler_class_for_functions


def patch() -> None:
    """Stands before everything that the cloud answers."""
    refuse_pages_at_runtimes()
    expect("main", inspect.getsource(app.main), "hypercorn_serve(app, config)")
    expect("find_distribution_for_label", inspect.getsource(cloudfront.find_distribution_for_label), "for dist in _distributions.values():")
    answer, port = app.app, int(os.environ["GATEWAY_PORT"])

    async def answer_own_pages(scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await answer(scope, receive, send)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if refuses(scope.get("method", "GET"), scope["path"], query, headers, port):
            return await _refuse(scope, receive, send)

        async def send_to_own_pages(message):
            if message["type"] == "http.response.start":
                message = message | {"headers": _without_wildcard(list(message.get("headers", [])))}
            await send(message)

        return await answer(scope, receive, send_to_own_pages)

    app.app = answer_own_pages
