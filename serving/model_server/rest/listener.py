"""The socket that the REST server listens on."""

import contextlib
import socket

_ALL_INTERFACES = {"", "::", "[::]"}
_BACKLOG = 2048


def open_listener(host: str, port: int) -> socket.socket:
    """Listens on a host; on all interfaces IPv6 and, with it, IPv4.

    Args:
        host: an address or name; `[::]` or "" is every interface (SERVING
            rule F-03).
        port: TCP port; 0 takes a free one.

    Raises:
        OSError: the address is taken or not ours.
    """
    listener = _bind(host, port)
    # Connections inherit it. Else the body of an answer waits until the head
    # is acknowledged, 40 ms; asyncio sets it only where the socket names its
    # protocol, which those of `create_server` do not.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _bind(host: str, port: int) -> socket.socket:
    if host in _ALL_INTERFACES:
        with contextlib.suppress(OSError):
            if socket.has_dualstack_ipv6():
                return socket.create_server(
                    ("::", port),
                    family=socket.AF_INET6,
                    dualstack_ipv6=True,
                    backlog=_BACKLOG,
                )
        host = ""
    host = host.removeprefix("[").removesuffix("]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)
