"""What the OpenAPI document says is so, and the gateway does no more.

Schemathesis reads the document and makes up requests, those that it allows
and those that it does not. The same ones each run.
"""

import math
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import allow_header_conformance
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.checks import unsupported_method

from serving.gateway.access.access import Access
from serving.gateway.access.api_keys import ApiKeys
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.api.app import build_app
from serving.gateway.gateway import Gateway
from tests.conftest import FUZZ_EXAMPLES
from tests.serving.gateway.access.conftest import write_keys
from tests.serving.gateway.access.live_server import serve
from tests.serving.gateway.conftest import build_config

_KEY = {"X-API-Key": "op-key"}

_SAID_OTHERWISE = {
    # A schema cannot say that each id stands once.
    "/v1/items": [positive_data_acceptance],
    # An id may end with "/events".
    "/v1/users/{user_id}/events": [
        unsupported_method,
        allow_header_conformance,
    ],
}


@pytest.fixture(scope="module")
def gateway_url(server_address, tmp_path_factory) -> Iterator[str]:
    """Address of a gateway with keys, on a model server that answers."""
    folder = tmp_path_factory.mktemp("contract")
    keys = ApiKeys.from_file(write_keys(folder / "keys.yaml", op="admin"))
    access = Access(keys, RateLimits(1_000_000))
    app = build_app(Gateway(build_config(folder, server_address)), access)
    with serve(app, lifespan="on") as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def document(gateway_url):
    found = schemathesis.openapi.from_url(f"{gateway_url}/openapi.json")
    # The key is ours; test_roles.py tells what others open.
    found.config.generation.update(with_security_parameters=False)
    return found


@schemathesis.pytest.from_fixture("document").parametrize()
# Each operation is asked in several ways; each way has its examples.
@settings(max_examples=math.ceil(FUZZ_EXAMPLES / 4))
def test_operation_answers_as_documented(case):
    case.call_and_validate(
        headers=_KEY,
        timeout=30,
        excluded_checks=_SAID_OTHERWISE.get(case.operation.path),
    )
