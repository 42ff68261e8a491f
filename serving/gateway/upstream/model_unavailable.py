"""The error of a model server that cannot answer now."""

import grpc

AWAY = "unavailable"
TOO_SLOW = "deadline_exceeded"
CIRCUIT_OPEN = "circuit_open"
BAD_ANSWER = "bad_answer"
UNKNOWN_LABEL = "unknown_label"
_LABEL_DETAILS = "version label"  # SERVING rule L-04


class ModelUnavailable(RuntimeError):  # noqa: N818  it is a state
    """The model server is away, too slow, overloaded or has no such model.

    Not the caller's fault: a later retry may succeed. The message names no
    address and repeats nothing of the server's message, so it may be shown to
    any caller; `__cause__` has the details.

    Attributes:
        reason: one of the constants above or another gRPC status code in
            small letters; a word for metrics.
    """

    def __init__(self, call: str, reason: str):
        super().__init__(
            f"The model server must answer `{call}`. Received: {reason}."
        )
        self.reason = reason


def find_reason(error: Exception) -> str | None:
    """Returns why a call of `RecommenderClient` was not answered.

    Args:
        error: what it raised.

    Returns:
        A reason of `ModelUnavailable`; None if the caller asked for what
        makes no sense, and nothing was sent. What the server refuses is not
        the caller's fault: the gateway has looked at it before, so that the
        model served is perhaps another one.
    """
    cause = error.__cause__
    if isinstance(cause, grpc.RpcError):
        code = cause.code()
        is_label = _LABEL_DETAILS in (cause.details() or "")
        if code is grpc.StatusCode.INVALID_ARGUMENT and is_label:
            return UNKNOWN_LABEL
        return code.name.lower()
    if isinstance(error, TimeoutError):
        return TOO_SLOW
    return None if isinstance(error, ValueError) else BAD_ANSWER
