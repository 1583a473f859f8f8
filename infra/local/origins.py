"""Protects the local cloud from requests by other web pages.

Its functions run on this machine and its credentials are public, so another page that is open in the browser must not get anything from
it, neither with a foreign origin nor by DNS rebinding. The site, its APIs and its sockets do their own checks, which are tested.
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

_LOOPBACK_NAME = re.compile(r"(?:localhost|(?:[a-z0-9-]+\.)+localhost|127\.0\.0\.1|\[::1\])")
_SIGNATURE_PARAMETERS = {"X-Amz-Credential", "x-amz-credential", "AWSAccessKeyId"}
_HOSTED_PAGES = ("/oauth2/authorize", "/logout")
_FORBIDDEN = b'{"message": "The local cloud refuses requests of other pages"}'


def is_loopback(host: str) -> bool:
    """Whether a host name, with or without port, always resolves to this machine."""
    return _LOOPBACK_NAME.fullmatch(re.sub(r":\d+$", "", host.lower())) is not None


def is_own(origin: str, port: int) -> bool:
    """Whether an origin is this local cloud."""
    try:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.port == port and is_loopback(parts.netloc)
    except ValueError:
        return False


def _is_site(host: str, path: str, headers: dict[str, str], query: dict) -> bool:
    """Whether a request is for the distribution or an API, which check origins themselves."""
    signed = _SIGNATURE_PARAMETERS & query.keys() or headers.get("authorization", "").startswith("AWS")
    # MiniStack serves these on every host name.
    own_pages = path.startswith(("/_ministack/", "/_localstack/"))
    if signed or own_pages:
        return False
    label = app._parse_cloudfront_dataplane_host(host)
    if label is not None:
        return cloudfront.find_distribution_for_label(label) is not None
    return app._parse_execute_api_url(host, path) is not None


def _is_link(method: str, path: str, headers: dict[str, str], query: dict) -> bool:
    """Whether other origins may link or redirect there: to an original's presigned URL, and to the hosted pages."""
    if method not in ("GET", "HEAD"):
        return False
    if path in _HOSTED_PAGES:
        return True
    to_object = app._s3_cors_target(headers.get("host", ""), path) is not None
    return to_object and detect_service(method, path, headers, query) == "s3"


def refuses(method: str, path: str, query: dict, headers: dict[str, str], port: int) -> bool:
    """Whether to reject a request as cross-origin. `query` has lists of values, `headers` lower-case names."""
    host = headers.get("host", "")
    if not is_loopback(host):
        return True
    if _is_site(host, path, headers, query):
        return False
    if "origin" in headers:
        return not is_own(headers["origin"], port)
    # Browsers also send it with requests for images, scripts and links, which have no Origin.
    cross_site = headers.get("sec-fetch-site") in ("cross-site", "same-site")
    return cross_site and not _is_link(method, path, headers, query)


def _without_wildcard(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """A response's headers, without CORS headers if they allow any origin."""
    names = {name.lower(): value for name, value in headers}
    if names.get(b"access-control-allow-origin") != b"*":
        return headers
    return [(name, value) for name, value in headers if not name.lower().startswith(b"access-control-")]


async def _reject(scope: dict, receive, send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_FORBIDDEN)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": _FORBIDDEN})


def protect_runtime_apis() -> None:
    """Rejects all requests of web pages to the Lambda runtime APIs, which have ports of their own."""
    worker = lambda_runtime.ProvidedWorker
    expect("_build_handler_class", inspect.getsource(worker._build_handler_class), "return RuntimeAPIHandler")
    handler_class = worker._build_handler_class

    def handler_class_for_functions(self, *arguments):
        class ForFunctions(handler_class(self, *arguments)):
            def parse_request(self) -> bool:
                if not super().parse_request():
                    return False
                by_page = "origin" in self.headers or "sec-fetch-site" in self.headers or not is_loopback(self.headers.get("host", ""))
                if by_page:
                    self.send_error(403)
                return not by_page

        return ForFunctions

    worker._build_handler_class = handler_class_for_functions


def patch() -> None:
    """Checks every request before MiniStack handles it."""
    protect_runtime_apis()
    expect("main", inspect.getsource(app.main), "hypercorn_serve(app, config)")
    expect("find_distribution_for_label", inspect.getsource(cloudfront.find_distribution_for_label), "for dist in _distributions.values():")
    handle, port = app.app, int(os.environ["GATEWAY_PORT"])

    async def handle_own_pages(scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await handle(scope, receive, send)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if refuses(scope.get("method", "GET"), scope["path"], query, headers, port):
            return await _reject(scope, receive, send)

        async def send_to_own_pages(message):
            if message["type"] == "http.response.start":
                message = message | {"headers": _without_wildcard(list(message.get("headers", [])))}
            await send(message)

        return await handle(scope, receive, send_to_own_pages)

    app.app = handle_own_pages
