"""Reads the path of a REST call.

Source: tensorflow_serving/model_servers/http_rest_api_util.cc (SERVING rules
R-01 to R-06).
"""

import dataclasses
import re
from urllib.parse import unquote_to_bytes

from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.protos import model_pb2

_API = re.compile(r"/v1/.*", re.IGNORECASE)
_TARGET = r"(?:(?:/versions/(?P<version>\d+))|(?:/labels/(?P<label>[^/:]+)))?"
_FLAGS = re.IGNORECASE | re.ASCII
_PREDICTION = re.compile(
    r"/v1/models/(?P<name>[^/:]+)"
    + _TARGET
    + r":(?P<method>classify|regress|predict)",
    _FLAGS,
)
_STATUS = re.compile(
    r"/v1/models(?:/(?P<name>[^/:]+))?" + _TARGET + r"(?:/(?P<part>metadata))?",
    _FLAGS,
)
_MAX_INT64 = (1 << 63) - 1
_MAX_DIGITS = 1000  # Python refuses to read numbers of some thousand digits


@dataclasses.dataclass(frozen=True)
class RestCall:
    """A call as its method and path name it, before its body is read.

    `api` is `predict`, `classify`, `regress`, `status` or `metadata`; None
    where the path means nothing, and then `error` says so.
    """

    api: str | None
    spec: model_pb2.ModelSpec
    error: ServingError | None = None
    has_empty_answer: bool = False  # of the error

    @property
    def metric_api(self) -> str:
        """How TF Serving's metrics call it: GETs have no name."""
        is_named = self.api in {"predict", "classify", "regress"}
        return self.api if is_named else ""


def is_api_path(path: str) -> bool:
    """Tells whether this path belongs to the REST API."""
    return _API.fullmatch(path) is not None


def parse_call(method: str, path: str) -> RestCall:
    """Reads a call from its path; an unknown path gives an error.

    Args:
        method: the HTTP method.
        path: as it came, still URL-encoded, without the query.
    """
    pattern = {"POST": _PREDICTION, "GET": _STATUS}.get(method)
    match = pattern.fullmatch(path) if pattern else None
    spec = model_pb2.ModelSpec()
    if match is None:
        message = f"Malformed request: {method} {path}"
        return RestCall(None, spec, invalid_argument(message))
    parts = match.groupdict()
    spec.name = _decode(parts["name"] or "")
    if parts["version"] is not None:
        digits = parts["version"].lstrip("0") or "0"
        if len(digits) > _MAX_DIGITS or int(digits) > _MAX_INT64:
            message = f"Failed to convert version: {digits[:32]} to numeric."
            error = invalid_argument(message)
            return RestCall(None, spec, error, has_empty_answer=True)
        spec.version.value = int(digits)
    if parts["label"] is not None:
        spec.version_label = _decode(parts["label"])
    # The path's own words may come in capitals, what follows may not: then
    # TF Serving finds no method, and takes the status for the metadata.
    if method == "POST":
        if not parts["method"].islower():
            message = f"Malformed request: {method} {path}"
            return RestCall(None, spec, invalid_argument(message))
        return RestCall(parts["method"], spec)
    api = "metadata" if parts["part"] == "metadata" else "status"
    if not spec.name:
        error = invalid_argument("Missing model name in request.")
        return RestCall(api, spec, error)
    return RestCall(api, spec)


def _decode(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", "replace")
