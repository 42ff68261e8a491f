import pytest

from serving.gateway.api.listener import check_listener

_OPEN = ["", "0.0.0.0", "::", "[::]", "192.168.1.7", "gateway", "127.0.0.1.nip"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_own_machine_needs_no_key(host):
    check_listener(host, has_keys=False, is_insecure=False)


@pytest.mark.parametrize("host", _OPEN)
def test_others_need_a_key_or_the_operator_s_word(host):
    with pytest.raises(ValueError, match=r"loopback address.*--insecure"):
        check_listener(host, has_keys=False, is_insecure=False)
    check_listener(host, has_keys=True, is_insecure=False)
    check_listener(host, has_keys=False, is_insecure=True)
