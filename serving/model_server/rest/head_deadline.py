"""Closes connections on which a request's headers do not arrive in time.

uvicorn waits for them without end, so that a few thousand idle sockets would
keep everybody else out.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class HeadDeadlineProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a deadline for the head of each request.

    Between requests uvicorn's own keep-alive timeout holds; the deadline
    starts with the connection and with the first byte of a later head.
    """

    def __init__(self, *, head_timeout_seconds: float, **kwargs):
        super().__init__(**kwargs)
        self._head_timeout_seconds = head_timeout_seconds
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._watch()
        else:
            self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(
                self._head_timeout_seconds, self._give_up
            )

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
