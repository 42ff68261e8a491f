"""The deadlines alone; test_rest_server.py sees them through a socket."""

import asyncio

import uvicorn
from uvicorn.server import ServerState

from serving.deadline_protocol import DeadlineProtocol


class _Transport(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.is_closed = asyncio.Event()
        self.written = b""

    def close(self):
        self.is_closed.set()

    def abort(self):
        self.is_closed.set()

    def is_closing(self):
        return self.is_closed.is_set()

    def write(self, data):
        self.written += data


async def _app(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _open(seconds: float) -> tuple[DeadlineProtocol, _Transport]:
    config = uvicorn.Config(_app, lifespan="off", log_config=None, ws="none")
    config.load()
    protocol = DeadlineProtocol(
        deadline_seconds=seconds,
        config=config,
        server_state=ServerState(),
        app_state={},
    )
    transport = _Transport()
    protocol.connection_made(transport)
    return protocol, transport


def test_connection_without_a_head_is_closed():
    async def run():
        _, transport = _open(0.01)
        await asyncio.wait_for(transport.is_closed.wait(), 30)

    asyncio.run(run())


def test_more_bytes_do_not_put_the_deadline_off():
    async def run():
        protocol, transport = _open(0.05)
        while not transport.is_closed.is_set():
            protocol.data_received(b"x")
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(run(), 30))


def test_whole_head_ends_the_deadline():
    async def run():
        protocol, transport = _open(60.0)
        assert protocol._head_timer is not None
        protocol.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert protocol._head_timer is None
        while b"204" not in transport.written:
            await asyncio.sleep(0)
        protocol.connection_lost(None)

    asyncio.run(run())


def test_answer_that_nobody_takes_is_dropped():
    async def run():
        protocol, transport = _open(0.01)
        protocol.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        protocol.pause_writing()
        await asyncio.wait_for(transport.is_closed.wait(), 30)
        protocol.connection_lost(None)

    asyncio.run(run())


def test_caller_that_reads_on_keeps_its_answer():
    async def run():
        protocol, _ = _open(60.0)
        protocol.pause_writing()
        assert protocol._write_timer is not None
        protocol.resume_writing()
        assert protocol._write_timer is None
        protocol.connection_lost(None)

    asyncio.run(run())
