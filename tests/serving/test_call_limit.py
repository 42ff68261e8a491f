"""gRPC's status codes as built-in errors, and time that is over."""

import time

import grpc
import pytest

from serving.call_limit import CallLimit

_LIMIT = CallLimit("`tastemaker` at here:1", 10.0)


class _Failed(grpc.RpcError):
    def __init__(self, code):
        super().__init__()
        self._code = code

    def code(self):
        return self._code

    def details(self):
        return "said why"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.UNAVAILABLE, ConnectionError),
        (grpc.StatusCode.DEADLINE_EXCEEDED, TimeoutError),
        (grpc.StatusCode.NOT_FOUND, LookupError),
        (grpc.StatusCode.INVALID_ARGUMENT, ValueError),
        (grpc.StatusCode.UNIMPLEMENTED, NotImplementedError),
        (grpc.StatusCode.INTERNAL, RuntimeError),
    ],
)
def test_error_says_what_must_hold_and_what_came(code, kind):
    def fail(request, timeout):
        raise _Failed(code)

    with pytest.raises(kind) as caught:
        _LIMIT.call(fail, None)
    assert str(caught.value) == (
        "`tastemaker` at here:1 must answer within 10.0 s. Received: "
        f"{code.name}: said why"
    )


def test_each_call_has_the_whole_time_unless_they_share_it():
    def tell(request, timeout):
        return timeout

    assert _LIMIT.call(tell, None) == 10.0
    shared = _LIMIT.start(1000.0)
    assert 0.0 < shared.call(tell, None) < 1000.0


def test_no_call_is_made_once_the_time_is_over():
    over = CallLimit("it", 2.0, time.monotonic() - 1.0)
    with pytest.raises(TimeoutError, match="no time to ask"):
        over.call(None, None)
