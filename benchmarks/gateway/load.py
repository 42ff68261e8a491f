"""Keeps a number of HTTP connections busy with one gateway.

    python -m benchmarks.gateway.load ADDRESS FILE CONNECTIONS SECONDS WARM_UP

As `benchmarks.serving.load`; FILE holds bodies of `POST /v1/recommendations`,
one a line. Prints one JSON object.
"""

import contextlib
import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.serving.load import Ask
from benchmarks.serving.load import put_under_load

_HEADERS = {"Content-Type": "application/json"}
_TIMEOUT = 30.0  # seconds


@contextlib.contextmanager
def open_http(address: str) -> Iterator[Ask]:
    """Opens a connection that is kept."""
    connection = http.client.HTTPConnection(address, timeout=_TIMEOUT)

    def ask(body: bytes) -> str | None:
        try:
            connection.request("POST", "/v1/recommendations", body, _HEADERS)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return type(error).__name__
        if response.status != http.HTTPStatus.OK:
            return f"{response.status}: {answer[:200]!r}"
        source = json.loads(answer)["source"]
        return None if source == "model" else f"answered by: {source}"

    try:
        yield ask
    finally:
        connection.close()


if __name__ == "__main__":
    _address, _file, *_numbers = sys.argv[1:]
    _measured = put_under_load(
        _address,
        Path(_file).read_bytes().splitlines(),
        int(_numbers[0]),
        float(_numbers[1]),
        float(_numbers[2]),
        open_http,
    )
    print(json.dumps(_measured))
