"""A TCP proxy that treats connections as a dying machine would."""

import contextlib
import socket
import struct
import threading

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for 0 s


class Proxy:
    """Stands before a server, on a port of its own; a context manager.

    To a caller `kill` looks like `kill -9` of the server: connections are
    reset without a word, and the port refuses until `restart`.

    Attributes:
        address: host:port to ask.
    """

    def __init__(self, target: str):
        host, port = target.rsplit(":", 1)
        self._target = host, int(port)
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self._port}"
        self._flows = threading.Event()
        self._flows.set()
        self._start(self._accept, self._listener)

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *exception: object) -> None:
        self._flows.set()
        self.kill()

    def kill(self) -> None:
        with contextlib.suppress(OSError):  # wakes up `accept`
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            opened, self._sockets = self._sockets, set()
        for one in opened:
            with contextlib.suppress(OSError):
                one.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
                )
                one.shutdown(socket.SHUT_RD)
            one.close()

    def restart(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._start(self._accept, self._listener)

    def stall(self) -> None:
        """Connections stay open, and nothing comes through."""
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    def _start(self, act, *arguments) -> None:
        threading.Thread(target=act, args=arguments, daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = listener.accept()
                server = socket.create_connection(self._target)
                with self._lock:
                    self._sockets |= {caller, server}
                self._start(self._pump, caller, server)
                self._start(self._pump, server, caller)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                self._flows.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
