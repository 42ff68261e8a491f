"""Closes connections whose client is too slow.

uvicorn waits without limit for the head of a request and for a client to read
its answer, so that a few thousand sockets would block all other clients, and
answers that are not read would stay in memory.
"""

import asyncio
import socket
import struct
from collections.abc import Callable

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for 0 s


class DeadlineProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a deadline for each head and each answer.

    Between requests uvicorn's own keep-alive timeout holds; the deadline of a
    head starts with the connection and with the first byte of a later head,
    that of an answer when the socket takes no more of it.
    """

    def __init__(self, *, deadline_seconds: float, **kwargs):
        super().__init__(**kwargs)
        self._seconds = deadline_seconds
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._head_timer = self._start(self._give_up_head)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head_timer = _stop(self._head_timer)
        elif self._head_timer is None:
            self._head_timer = self._start(self._give_up_head)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self._start(self._reset)

    def resume_writing(self) -> None:
        self._write_timer = _stop(self._write_timer)
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._limit_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._head_timer = _stop(self._head_timer)
        self._write_timer = _stop(self._write_timer)

    def _start(self, act: Callable[[], None]) -> asyncio.TimerHandle:
        return self.loop.call_later(self._seconds, act)

    def _give_up_head(self) -> None:
        self._head_timer = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
            self._limit_closing()

    def _limit_closing(self) -> None:
        """Closing waits until the last bytes are read, up to the deadline."""
        if self._write_timer is None:
            self._write_timer = self._start(self._reset)

    def _reset(self) -> None:
        """Ends the connection and drops unread bytes."""
        self._write_timer = None
        opened = self.transport.get_extra_info("socket")
        if opened is not None:
            opened.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
            )
        self.transport.abort()


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
