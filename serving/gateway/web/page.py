"""Serves the web page of the gateway from the files beside this module.

GET /             index.html
GET /docs         docs.html: the API, from /openapi.json
GET /web/NAME     every other file: scripts, style, icon
"""

import hashlib
import re
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from importlib import resources
from pathlib import PurePath

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}  # of what is served; no other file of the package is
_PATHS = {"index.html": "/", "docs.html": "/docs"}  # of all others: /web/NAME
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.*-]+(:[0-9]{1,5})?")
_POLICY = (
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    # Text can become markup nowhere: the browser refuses `innerHTML`.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
_HEADERS = {
    # The browser keeps the files and asks each time whether they changed:
    # a new release shows at once, an old one costs an empty 304.
    "cache-control": "no-cache",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def build_page_routes(image_origins: Sequence[str] = ()) -> list[Route]:
    """Builds the routes of the page; its files are read once, now.

    Args:
        image_origins: where covers may come from besides the gateway's own
            origin, such as `https://images.example.com`.

    Returns:
        One route per file, for GET and HEAD.

    Raises:
        ValueError: an origin is not scheme, host and perhaps a port.
    """
    headers = _HEADERS | {
        "content-security-policy": _build_policy(image_origins)
    }
    return [
        Route(
            _PATHS.get(name, f"/web/{name}"),
            _build_endpoint(content, _get_media_type(name), headers),
        )
        for name, content in _read_files().items()
    ]


def _read_files() -> dict[str, bytes]:
    """Returns what is served, by name."""
    return {
        file.name: file.read_bytes()
        for file in resources.files(__package__).iterdir()
        if PurePath(file.name).suffix in _MEDIA_TYPES
    }


def _get_media_type(name: str) -> str:
    return _MEDIA_TYPES[PurePath(name).suffix]


def _build_policy(image_origins: Sequence[str]) -> str:
    for origin in image_origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                "`image_origins` must each be scheme, host and perhaps a "
                f"port, as in https://images.example.com. Received: {origin!r}."
            )
    images = " ".join(("img-src 'self'", *image_origins))
    return "; ".join((*_POLICY, images))


def _build_endpoint(
    content: bytes, media_type: str, headers: Mapping[str, str]
) -> Callable:
    """Answers with the file, or with 304 to a browser that has it."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**headers, "etag": tag}

    async def answer(request: Request) -> Response:
        if _has_tag(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=media_type)

    return answer


def _has_tag(condition: str, tag: str) -> bool:
    """Compares weakly, as RFC 9110, 13.1.2 says of If-None-Match."""
    given = [one.strip().removeprefix("W/") for one in condition.split(",")]
    return tag in given or given == ["*"]
