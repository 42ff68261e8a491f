import json

import grpc
import pytest

from serving.model_server.rest.rest_handler import choose_http_status
from serving.model_server.rest.rest_handler import render_error

_CODES = {
    "OK": 200,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
    "UNKNOWN": 500,
    "INTERNAL": 500,
    "DATA_LOSS": 500,
}


@pytest.mark.parametrize("code", grpc.StatusCode)
def test_every_code_has_its_http_status(code):
    assert choose_http_status(code) == _CODES[code.name]


def test_error_is_an_object_with_one_key():
    body = render_error('said "no"\nand \udcff')
    assert body.startswith(b'{\n    "error": ')
    assert json.loads(body) == {"error": 'said "no"\nand ?'}
