"""The one error that the model server answers to a caller."""

import functools
from collections.abc import Callable
from typing import Any

import grpc

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
        """The code on the wire; TensorFlow and gRPC number alike."""
        return self.code.value[0]

    @classmethod
    def from_number(cls, number: int, message: str) -> "ServingError":
        """Builds it from a number such as `tf.errors.OpError.error_code`."""
        return cls(_CODES.get(number, grpc.StatusCode.UNKNOWN), message)


def invalid_argument(message: str) -> ServingError:
    """Builds the status of a request that can never succeed."""
    return ServingError(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(message: str) -> ServingError:
    """Builds the status of a request for what is not there."""
    return ServingError(grpc.StatusCode.NOT_FOUND, message)


def truncate_message(message: str) -> str:
    """Cuts a message as TF Serving does before it goes on the wire."""
    if len(message) <= _MAX_MESSAGE_LENGTH:
        return message
    return message[:_MAX_MESSAGE_LENGTH] + _TRUNCATED


def answer_serving_errors(method: Callable) -> Callable:
    """Makes a servicer method end its call with a `ServingError`'s status."""

    @functools.wraps(method)
    def answer(self, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except ServingError as error:
            context.abort(error.code, truncate_message(error.message))

    return answer
