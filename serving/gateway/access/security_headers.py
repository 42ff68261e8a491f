"""Security headers of the gateway's answers, for browsers."""

import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp
from starlette.types import Message
from starlette.types import Receive
from starlette.types import Scope
from starlette.types import Send

_IMAGE_HOST = re.compile(r"https?://[A-Za-z0-9*][A-Za-z0-9.-]*(:\d{1,5})?")
_ONE_YEAR = 31_536_000  # seconds
_PRIVATE = "/v1/"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers without frame-ancestors
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
}


class SecurityHeaders:
    """ASGI middleware: adds headers to every answer.

    Scripts and styles may come only from files of the gateway, unless an answer
    has its own policy, as the page does; slates are not cached; the address of
    a page, which may hold ids, is not sent as a referrer.

    Source: OWASP Secure Headers Project; CSP Level 3.
    """

    def __init__(self, app: ASGIApp, image_hosts: Sequence[str] = ()):
        """Wraps an application.

        Args:
            app: what answers.
            image_hosts: hosts other than the gateway from which the page may
                load images, such as `https://covers.example.com`.

        Raises:
            ValueError: an image host is not scheme and host.
        """
        for host in image_hosts:
            if not _IMAGE_HOST.fullmatch(host):
                raise ValueError(
                    "`image_hosts` must be like https://covers.example.com. "
                    f"Received: {host!r}."
                )
        self._app = app
        sources = " ".join(["'self'", "data:", *image_hosts])
        self._policy = (
            f"default-src 'self'; img-src {sources}; object-src 'none'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders, scope: Scope) -> None:
        for name, value in _HEADERS.items():
            headers[name] = value
        headers.setdefault("Content-Security-Policy", self._policy)
        if scope["path"].startswith(_PRIVATE):
            headers["Cache-Control"] = "no-store"
        if scope["scheme"] == "https":
            headers["Strict-Transport-Security"] = f"max-age={_ONE_YEAR}"
