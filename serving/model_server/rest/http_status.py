"""How a status goes over HTTP.

Source: tensorflow_serving/model_servers/http_server.cc and
util/json_tensor.cc (SERVING rules R-07, R-08).
"""

import json

import grpc

_HTTP_CODES = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}
_SERVER_ERROR = 500


def choose_http_status(code: grpc.StatusCode) -> int:
    """Returns the HTTP status that stands for a gRPC code."""
    return _HTTP_CODES.get(code, _SERVER_ERROR)


def render_error(message: str) -> bytes:
    """Writes the body of an error: an object with the one key `error`."""
    text = json.dumps({"error": message}, indent=4, ensure_ascii=False)
    # A message may quote bytes of the request that are no UTF-8.
    return text.encode("utf-8", "replace")
