"""Every field and parameter of the API is described, with an example."""

import json

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from serving.gateway.access.access import Access
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.api import event_models
from serving.gateway.api import item_models
from serving.gateway.api import models
from serving.gateway.api import slate_models
from serving.gateway.api import user_models
from serving.gateway.api.app import build_app
from serving.gateway.api.routes import overview
from serving.gateway.gateway import Gateway
from serving.gateway.gateway_config import GatewayConfig

_MODULES = (
    *(event_models, item_models, models, slate_models, user_models),
    overview,
)


@pytest.fixture(scope="module")
def document() -> dict:
    access = Access(None, RateLimits(1_000_000))
    app = build_app(Gateway(GatewayConfig()), access)
    return TestClient(app).get("/openapi.json").json()


def _find_model(name: str) -> type:
    (model,) = {
        getattr(module, name) for module in _MODULES if hasattr(module, name)
    }
    return model


def test_every_field_of_every_model_is_described(document):
    schemas = document["components"]["schemas"]
    assert len(schemas) > 30
    missing = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, facts in schema["properties"].items()
        if not facts.get("description")
    ]
    assert missing == []
    assert [n for n, one in schemas.items() if not one["description"]] == []


def test_every_model_has_an_example_of_each_field_that_it_takes(document):
    for name, schema in document["components"]["schemas"].items():
        (example,) = schema["examples"]
        assert example.keys() == schema["properties"].keys(), name
        read = TypeAdapter(_find_model(name)).validate_json(json.dumps(example))
        assert set(example) == read.model_fields_set, name


def test_every_route_and_parameter_is_described_with_an_example(document):
    routes = [
        (f"{method} {path}", route)
        for path, methods in document["paths"].items()
        for method, route in methods.items()
    ]
    assert len(routes) > 20
    for name, route in routes:
        assert route["description"], name
        for parameter in route.get("parameters", []):
            assert parameter["description"], (name, parameter["name"])
            assert parameter["schema"]["examples"], (name, parameter["name"])
