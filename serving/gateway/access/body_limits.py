"""Limits the size of bodies, and the time until they arrive."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp
from starlette.types import Message
from starlette.types import Receive
from starlette.types import Scope
from starlette.types import Send

from serving.gateway.access.refuse import refuse

_CLOSE = {"Connection": "close"}  # the rest of the body is not read


def has_body(scope: Scope) -> bool:
    """Tells whether a request announces a body."""
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in headers


class BodyLimits:
    """ASGI middleware: 413 for a body too large, 408 for one too slow.

    A body is read here completely before the application begins, so that a
    refused request has no effect and a slow one occupies no thread. Starlette's
    own limit works while the application reads and has no deadline. Lines and
    headers of a request are limited by uvicorn.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float):
        """Wraps an application.

        Args:
            app: what gets the bodies.
            max_bytes: the largest body.
            seconds: until all of it must be there.
        """
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != "http" or not has_body(scope):
            await self._app(scope, receive, send)
            return
        body = None
        if not self._is_announced_too_large(scope):
            try:
                async with asyncio.timeout(self._seconds):
                    body = await self._read(receive)
            except TimeoutError:
                detail = f"The body must arrive within {self._seconds} s."
                await refuse(408, detail, _CLOSE)(scope, receive, send)
                return
            except ConnectionError:  # the caller has disconnected
                return
        if body is None:
            detail = f"The body must have at most {self._max_bytes} bytes."
            await refuse(413, detail, _CLOSE)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    def _is_announced_too_large(self, scope: Scope) -> bool:
        length = Headers(scope=scope).get("content-length", "")
        # Servers refuse other text; digits beyond ASCII are not refused there.
        return (
            length.isascii()
            and length.isdigit()
            and int(length) > self._max_bytes
        )

    async def _read(self, receive: Receive) -> bytes | None:
        """Returns the body, or None as soon as it is too large."""
        chunks = []
        num_bytes = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("The caller hung up.")
            chunk = message.get("body", b"")
            num_bytes += len(chunk)
            if num_bytes > self._max_bytes:
                return None
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Returns a `receive` that gives the body first."""
    messages: list[Message] = [
        {"type": "http.request", "body": body, "more_body": False}
    ]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay
