"""How long calls of a model may take, and what they raise."""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

import grpc

_ERRORS = {
    grpc.StatusCode.UNAVAILABLE: ConnectionError,
    grpc.StatusCode.DEADLINE_EXCEEDED: TimeoutError,
    grpc.StatusCode.NOT_FOUND: LookupError,
    grpc.StatusCode.INVALID_ARGUMENT: ValueError,
    grpc.StatusCode.FAILED_PRECONDITION: ValueError,
    grpc.StatusCode.UNIMPLEMENTED: NotImplementedError,
}


@dataclass(frozen=True)
class CallLimit:
    """Limits each call, or all calls from now on together.

    Attributes:
        server: who is asked, for messages.
        timeout: seconds a call may take.
        ends_at: by `time.monotonic`, when the time of all calls together is
            over; None = never.
    """

    server: str
    timeout: float
    ends_at: float | None = None

    def start(self, timeout: float) -> "CallLimit":
        """Returns a limit of `timeout` seconds from now, for all its calls."""
        return dataclasses.replace(
            self, timeout=timeout, ends_at=time.monotonic() + timeout
        )

    def call(self, method: Callable, request: object):
        """Calls a method of a stub.

        Raises:
            ConnectionError: and others, as of `RecommenderClient`.
        """
        timeout = self.timeout
        if self.ends_at is not None:
            timeout = self.ends_at - time.monotonic()
            if timeout <= 0:  # gRPC would still try for a millisecond
                raise TimeoutError(self._describe("no time to ask."))
        try:
            return method(request, timeout=timeout)
        except grpc.RpcError as error:
            kind = _ERRORS.get(error.code(), RuntimeError)
            came = f"{error.code().name}: {error.details()}"
            raise kind(self._describe(came)) from error

    def _describe(self, came: str) -> str:
        return (
            f"{self.server} must answer within {self.timeout} s. Received:"
            f" {came}"
        )
