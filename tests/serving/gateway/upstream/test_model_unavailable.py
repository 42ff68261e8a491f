import grpc
import pytest

from serving.gateway.upstream.model_unavailable import ModelUnavailable
from serving.gateway.upstream.model_unavailable import find_reason


class _Refusal(grpc.RpcError):
    def __init__(self, code: grpc.StatusCode, details: str):
        self.code = lambda: code
        self.details = lambda: details


def _raise(kind, code, details="details"):
    error = kind("told")
    error.__cause__ = _Refusal(code, details)
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            _raise(ConnectionError, grpc.StatusCode.UNAVAILABLE),
            "unavailable",
        ),
        (
            _raise(TimeoutError, grpc.StatusCode.DEADLINE_EXCEEDED),
            "deadline_exceeded",
        ),
        (
            _raise(RuntimeError, grpc.StatusCode.RESOURCE_EXHAUSTED),
            "resource_exhausted",
        ),
        # `serving.client` makes ValueErrors of these three.
        (
            _raise(ValueError, grpc.StatusCode.FAILED_PRECONDITION),
            "failed_precondition",
        ),
        (
            _raise(ValueError, grpc.StatusCode.INVALID_ARGUMENT, "Input `k`"),
            "invalid_argument",
        ),
        (
            _raise(
                ValueError,
                grpc.StatusCode.INVALID_ARGUMENT,
                "Unrecognized servable version label: canary",
            ),
            "unknown_label",
        ),
        (TimeoutError("no time to ask"), "deadline_exceeded"),
        (RuntimeError("Signature `rank` must return ['score']."), "bad_answer"),
    ],
)
def test_fault_of_the_server_has_a_reason(error, reason):
    assert find_reason(error) == reason


def test_fault_of_the_caller_has_none():
    error = ValueError("`k` must be at least 1. Received: 0.")
    assert find_reason(error) is None


def test_message_repeats_nothing_that_the_server_said():
    cause = _raise(
        LookupError, grpc.StatusCode.NOT_FOUND, "user u17 at 10.0.0.1"
    )
    error = ModelUnavailable("recommend", find_reason(cause))
    assert str(error) == (
        "The model server must answer `recommend`. Received: not_found."
    )
    assert error.reason == "not_found"
