"""Reads the body of a request, within limits of memory.

Source for gzip: tensorflow_serving/util/net_http/server/internal/
evhttp_request.cc (SERVING rule R-10). The limits are ours; TF Serving has
none.
"""

import contextlib
import zlib
from collections.abc import Iterator

import grpc
from starlette.requests import Request

from serving.model_server.serving_error import ServingError

_GZIP = 16 + zlib.MAX_WBITS  # zlib's code for the gzip format
# A client whose connection is closed while it sends seldom sees the answer, so
# this much of a body that is too large is still read and dropped.
_MAX_DISCARDED_BYTES = 16 << 20
# Bodies up to this size never wait for others: small requests pass while a
# client sends huge ones slowly.
_FREE_BYTES = 64 << 10


class BodyTooLargeError(ServingError):
    """More bytes than the server accepts; the HTTP status is 413."""

    def __init__(self, limit: int):
        super().__init__(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"A request must not be larger than {limit} bytes, also after "
            "decompression.",
        )


class ByteBudget:
    """How many bytes of all bodies together are in memory at a time.

    Used from one event loop only.
    """

    def __init__(self, limit: int):
        self._limit = limit
        self._used = 0

    @contextlib.contextmanager
    def open_account(self) -> Iterator["_Account"]:
        """Reserves bytes for one body, and frees them at the end."""
        account = _Account(self)
        try:
            yield account
        finally:
            self._used -= account.taken

    def take(self, count: int) -> None:
        """Takes bytes.

        Raises:
            ServingError: there are not so many left.
        """
        if self._used + count > self._limit:
            raise ServingError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "Too many large requests at a time. Try again later.",
            )
        self._used += count


class _Account:
    def __init__(self, budget: ByteBudget):
        self._budget = budget
        self.taken = 0

    def hold(self, size: int) -> None:
        """Reserves `size` bytes, apart from those that are always free."""
        missing = size - _FREE_BYTES - self.taken
        if missing > 0:
            self._budget.take(missing)
            self.taken += missing


async def read_body(request: Request, limit: int, account: _Account) -> bytes:
    """Reads a body, up to a size.

    Args:
        request: whose body nobody read yet.
        limit: bytes on the wire.
        account: of this request.

    Raises:
        ServingError: it is too large, or there is no room left.
        ClientDisconnect: the client went away.
    """
    declared = request.headers.get("content-length", "0")
    # The HTTP parser lets digits pass only, but any number of them.
    if len(declared) > 18 or int(declared) > limit + _MAX_DISCARDED_BYTES:
        raise BodyTooLargeError(limit)
    body = bytearray()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            account.hold(size)
            body += chunk
            continue
        body.clear()
        if size > limit + _MAX_DISCARDED_BYTES:
            break
    if size > limit:
        raise BodyTooLargeError(limit)
    return bytes(body)


def measure_plain(body: bytes, content_encoding: str, limit: int) -> int:
    """Reads from a gzip body how large it is after decompression.

    The memory is reserved before the body grows: by up to a thousand times.

    Args:
        body: as it came.
        content_encoding: the header's value, "" where there is none.
        limit: bytes after decompression.

    Returns:
        Bytes, at most `limit`; 0 where the header does not name gzip.
    """
    if "gzip" not in content_encoding.lower():
        return 0
    return min(int.from_bytes(body[-4:], "little"), limit)  # RFC 1952, ISIZE


def decompress(body: bytes, content_encoding: str, limit: int) -> bytes:
    """Undoes gzip where the header names it.

    As in TF Serving, a body that is no gzip counts as none at all; so does
    one that becomes larger than it says.

    Args:
        body: as it came.
        content_encoding: the header's value, "" where there is none.
        limit: bytes after decompression.

    Raises:
        ServingError: it grows beyond the limit.
    """
    if "gzip" not in content_encoding.lower():
        return body
    size = measure_plain(body, content_encoding, limit)
    inflater = zlib.decompressobj(_GZIP)
    try:
        plain = inflater.decompress(body, size + 1)
    except zlib.error:
        return b""
    if len(plain) > limit:
        raise BodyTooLargeError(limit)
    return plain if inflater.eof and len(plain) <= size else b""
