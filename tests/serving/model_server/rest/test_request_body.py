import asyncio
import gzip

import pytest
from starlette.requests import Request

from serving.model_server.rest.request_body import BodyTooLargeError
from serving.model_server.rest.request_body import ByteBudget
from serving.model_server.rest.request_body import decompress
from serving.model_server.rest.request_body import measure_plain
from serving.model_server.rest.request_body import read_body
from serving.model_server.serving_error import ServingError

_LIMIT = 1 << 20


def _read(chunks: list[bytes], budget: ByteBudget, length: int = 0) -> bytes:
    messages = [
        {"type": "http.request", "body": chunk, "more_body": True}
        for chunk in chunks
    ]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive():
        return messages.pop(0)

    async def read():
        headers = [(b"content-length", str(length).encode())]
        scope = {"type": "http", "headers": headers}
        with budget.open_account() as account:
            return await read_body(Request(scope, receive), _LIMIT, account)

    return asyncio.run(read())


def test_body_is_joined_from_its_parts():
    assert _read([b"a", b"bc"], ByteBudget(0)) == b"abc"


def test_body_of_exactly_the_limit_is_taken():
    assert len(_read([b"x" * _LIMIT], ByteBudget(_LIMIT))) == _LIMIT


def test_body_beyond_the_limit_is_refused_though_its_length_was_hidden():
    with pytest.raises(BodyTooLargeError, match="larger than 1048576 bytes"):
        _read([b"x" * _LIMIT, b"x"], ByteBudget(_LIMIT))


@pytest.mark.parametrize("length", [100 << 20, int("9" * 30)])
def test_length_far_beyond_the_limit_is_refused_unread(length):
    with pytest.raises(BodyTooLargeError):
        _read([], ByteBudget(_LIMIT), length)


def test_large_bodies_share_a_budget_that_small_ones_do_not_need():
    budget = ByteBudget(_LIMIT)
    with budget.open_account() as account:
        account.hold(_LIMIT)
        with pytest.raises(ServingError, match="Too many large requests"):
            _read([b"x" * (_LIMIT - 1)], budget)
        assert _read([b"x"], budget) == b"x"
    assert len(_read([b"x" * _LIMIT], budget)) == _LIMIT


def test_gzip_is_undone_where_the_header_says_so():
    packed = gzip.compress(b"{}")
    assert decompress(packed, "gzip", _LIMIT) == b"{}"
    assert decompress(packed, "GZIP", _LIMIT) == b"{}"
    assert decompress(packed, "", _LIMIT) == packed


def test_gzip_may_not_grow_beyond_the_limit():
    bomb = gzip.compress(b"\0" * (8 << 20))
    assert len(bomb) < _LIMIT
    with pytest.raises(BodyTooLargeError):
        decompress(bomb, "gzip", _LIMIT)
    exact = gzip.compress(b"\0" * _LIMIT)
    assert len(decompress(exact, "gzip", _LIMIT)) == _LIMIT


def test_room_for_gzip_is_that_of_what_it_becomes():
    packed = gzip.compress(b"\0" * 70_000)
    assert len(packed) < 1_000
    assert measure_plain(packed, "gzip", _LIMIT) == 70_000
    assert measure_plain(packed, "", _LIMIT) == 0
    assert measure_plain(packed, "gzip", 50_000) == 50_000


def test_gzip_that_understates_its_size_counts_as_no_body():
    packed = gzip.compress(b"\0" * 70_000)
    lying = packed[:-4] + (100).to_bytes(4, "little")
    assert decompress(lying, "gzip", _LIMIT) == b""
