import pytest
from pydantic import ValidationError

from serving.gateway.upstream.upstream_config import UpstreamConfig


def test_request_has_a_second_unless_told_otherwise():
    assert UpstreamConfig().timeout_seconds == 1.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout_seconds", 0.0),
        ("slow_timeout_seconds", -1.0),
        ("max_attempts", 0),
        ("max_attempts", 6),  # gRPC would make it 5 without a word
        ("retry_share", 0.0),
        ("retry_share", 1.5),
        ("breaker_failures", 0),
        ("breaker_open_seconds", 0.0),
        ("max_new_items", 0),
        ("adress", "localhost:8500"),
    ],
)
def test_setting_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(ValidationError, match=name):
        UpstreamConfig(**{name: value})


@pytest.mark.parametrize(
    "settings",
    [
        {"root_certificates_path": "r", "client_certificate_path": "c"},
        {"root_certificates_path": "r", "client_key_path": "k"},
        {"client_certificate_path": "c", "client_key_path": "k"},
    ],
)
def test_half_of_mutual_tls_is_refused(settings):
    with pytest.raises(ValidationError, match="must come with"):
        UpstreamConfig(**settings)
