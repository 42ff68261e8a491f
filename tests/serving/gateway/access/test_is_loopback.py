import pytest

from serving.gateway.access.is_loopback import is_loopback


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "[::1]"]
)
def test_own_names_and_addresses_are_told(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "10.0.0.1", "127.0.0.1.nip", "a.localhost"]
)
def test_what_may_be_anybody_s_is_told(host):
    assert not is_loopback(host)
