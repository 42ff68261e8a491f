"""A real uvicorn on a free port, for what only a socket can show."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


@contextlib.contextmanager
def serve(app: ASGIApp, **options: object) -> Iterator[int]:
    """Serves an application; yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings = {"log_config": None, "lifespan": "off", "ws": "none"}
    server = uvicorn.Server(uvicorn.Config(app, **(settings | options)))
    thread = threading.Thread(
        target=server.run, args=([listener],), daemon=True
    )
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.005)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def exchange(port: int, *sent: bytes) -> bytes:
    """Sends bytes as they are; returns all until the server hangs up."""
    received = b""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as opened,
        # A server that closes before it has read everything resets.
        contextlib.suppress(ConnectionError),
    ):
        for part in sent:
            opened.sendall(part)
        while part := opened.recv(1 << 16):
            received += part
    return received
