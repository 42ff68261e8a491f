"""Refuses requests above a limit instead of queueing them."""

from collections.abc import Collection

from starlette.types import ASGIApp
from starlette.types import Receive
from starlette.types import Scope
from starlette.types import Send

from serving.gateway.access.refuse import refuse


class ConcurrencyLimit:
    """ASGI middleware: 503 while too many requests are being answered.

    Probes are always answered: overload must not restart the process. uvicorn's
    own limit counts idle connections too, and has no exceptions.
    """

    def __init__(
        self, app: ASGIApp, max_requests: int, exempt: Collection[str]
    ):
        """Wraps an application.

        Args:
            app: what answers; for one event loop.
            max_requests: at once.
            exempt: paths that are always answered.
        """
        self._app = app
        self._max_requests = max_requests
        self._exempt = frozenset(exempt)
        self._num_requests = 0

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != "http" or scope["path"] in self._exempt:
            await self._app(scope, receive, send)
            return
        if self._num_requests >= self._max_requests:
            refusal = refuse(
                503,
                f"At most {self._max_requests} requests are answered at once.",
                {"Retry-After": "1", "Connection": "close"},
            )
            await refusal(scope, receive, send)
            return
        self._num_requests += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._num_requests -= 1
