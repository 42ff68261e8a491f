import socket

import pytest

from serving.model_server.rest.listener import open_listener


@pytest.mark.parametrize("host", ["", "[::]", "::", "127.0.0.1", "localhost"])
def test_f03_ipv4_reaches_every_host(host):
    with open_listener(host, 0) as listener:
        address = ("127.0.0.1", listener.getsockname()[1])
        socket.create_connection(address, timeout=30).close()


def test_port_that_is_taken_is_an_error():
    with (
        open_listener("[::]", 0) as listener,
        pytest.raises(OSError, match="in use"),
    ):
        open_listener("[::]", listener.getsockname()[1])


def test_answers_are_sent_without_waiting_for_more():
    with (
        open_listener("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
