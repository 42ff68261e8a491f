"""The error that the model server sends to a caller."""

import functools
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any

import grpc

_logger = logging.getLogger(__name__)

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_MAX_MESSAGE_LENGTH = 1024  # characters; TF Serving's grpc_status_util.cc:24
_TRUNCATED = "...TRUNCATED"


class ServingError(Exception):
    """A gRPC status: a code and the message the caller reads."""

    def __init__(self, code: grpc.StatusCode, message: str):
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def code_number(self) -> int:
        """The code on the wire; TensorFlow and gRPC use the same numbers."""
        return self.code.value[0]

    @classmethod
    def from_number(cls, number: int, message: str) -> "ServingError":
        """Builds it from a number such as `tf.errors.OpError.error_code`."""
        return cls(_CODES.get(number, grpc.StatusCode.UNKNOWN), message)


def invalid_argument(message: str) -> ServingError:
    """Builds the status of a request that can never succeed."""
    return ServingError(grpc.StatusCode.INVALID_ARGUMENT, message)


def failed_precondition(message: str) -> ServingError:
    """Builds the status of a request that comes at the wrong time."""
    return ServingError(grpc.StatusCode.FAILED_PRECONDITION, message)


def not_found(message: str) -> ServingError:
    """Builds the status of a request for what is not there."""
    return ServingError(grpc.StatusCode.NOT_FOUND, message)


def truncate_message(message: str) -> str:
    """Cuts a message as TF Serving does before it goes on the wire."""
    if len(message) <= _MAX_MESSAGE_LENGTH:
        return message
    return message[:_MAX_MESSAGE_LENGTH] + _TRUNCATED


class CatchErrors:
    """A block whose errors end the block, and nothing else.

    It contains unexpected errors: of one request, one load, one poll of the
    disk. Such an error is logged with its trace and becomes `INTERNAL`; what
    ends the process, such as KeyboardInterrupt, passes.

    Example:
        with CatchErrors("loading m version 3") as caught:
            model = load(path)
        if caught.error is not None: ...
    """

    def __init__(self, doing: str):
        """Has caught nothing yet.

        Args:
            doing: what the log calls the block.
        """
        self.error: ServingError | None = None
        self._doing = doing

    def __enter__(self) -> "CatchErrors":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        if isinstance(error, ServingError):
            self.error = error
            return True
        _logger.error("Unexpected error: %s", self._doing, exc_info=error)
        self.error = ServingError(
            grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}"
        )
        return True


def answer_serving_errors(method: Callable) -> Callable:
    """Makes a servicer method end its call with a `ServingError`'s status.

    Any other error is answered as `INTERNAL`.
    """
    doing = f"answering {method.__name__}"

    @functools.wraps(method)
    def answer(self, request: Any, context: grpc.ServicerContext) -> Any:
        with CatchErrors(doing) as caught:
            return method(self, request, context)
        return context.abort(
            caught.error.code, truncate_message(caught.error.message)
        )

    return answer
