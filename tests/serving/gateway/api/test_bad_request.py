import pytest

from serving.gateway.api.bad_request import BadRequest


def test_it_is_a_value_error_to_who_calls_from_python():
    with pytest.raises(ValueError, match="A span must hold"):
        raise BadRequest("A span must hold at least one event.")
