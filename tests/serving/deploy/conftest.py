"""Values as files, and what is rendered from them, read back."""

import pytest
import yaml

from serving.deploy.rendered_files import render_files
from serving.deploy.values import DEFAULT_VALUES
from serving.deploy.values import DeployValues


def build_values(**changes: dict) -> DeployValues:
    """The committed values with some sections changed."""
    given = yaml.safe_load(DEFAULT_VALUES.read_text())
    for section, change in changes.items():
        given[section] = given.get(section, {}) | change
    return DeployValues(**given)


@pytest.fixture(scope="session")
def build():
    return build_values


# Each a deployment that differs in what is rendered.
_VARIANTS = {
    "default": {},
    "embedded": {"server": {"kind": "embedded"}},
    "labels": {
        "model": {"versions": [1, 2], "labels": {"stable": 1, "canary": 2}}
    },
    "batching": {"server": {"batching": {"enabled": True}}},
    "no gateway": {"gateway": {"enabled": False}},
    "gateways": {
        "gateway": {
            "replicas": 3,
            "redis": "redis://redis:6380/0",
            "catalogue": "items.jsonl",
            "config": {
                "storage": {"window_spans": 7},
                "limits": {"requests_per_second": 50},
            },
        }
    },
}


@pytest.fixture(scope="session", params=_VARIANTS)
def values(request) -> DeployValues:
    """Every variant in turn."""
    return build_values(**_VARIANTS[request.param])


@pytest.fixture(scope="session")
def files(values) -> dict[str, str]:
    return render_files(values)


@pytest.fixture(scope="session")
def objects(files) -> dict[tuple[str, str], dict]:
    """Kubernetes objects by kind and name."""
    return find_objects(files)


def find_objects(files: dict[str, str]) -> dict[tuple[str, str], dict]:
    found = {}
    for path, text in files.items():
        if path.startswith("kubernetes/"):
            for document in yaml.safe_load_all(text):
                key = (document["kind"], document["metadata"]["name"])
                assert key not in found
                found[key] = document
    return found
