import importlib.util

import pytest

from serving.deploy.values import load_values


def test_committed_values_are_valid():
    assert load_values().model.name == "tastemaker"


def test_gateway_is_deployed_only_once_it_exists():
    exists = importlib.util.find_spec("serving.gateway") is not None
    assert exists or not load_values().gateway.enabled


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {"nmae": "x"}}, "nmae"),
        ({"model": {"name": "Not a label"}}, "model.name"),
        ({"model": {"memory_mib": 0}}, "memory_mib"),
        ({"model": {"labels": {"stable": 3}}}, r"Received: \[3\]"),
        ({"images": {"stock": "tensorflow/serving"}}, "name a version"),
        ({"images": {"stock": "tensorflow/serving:latest"}}, "latest"),
        ({"images": {"stock": "host:5000/serving"}}, "name a version"),
        ({"server": {"kind": "triton"}}, "stock"),
        ({"server": {"grace_seconds": 5}}, "grace_seconds=5"),
        ({"autoscaling": {"min_replicas": 1}}, "min_replicas"),
        ({"autoscaling": {"max_replicas": 1}}, "max_replicas=1"),
        ({"alerts": {"error_share": 1.5}}, "error_share"),
    ],
)
def test_wrong_value_is_named(build, changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_image_may_be_pinned_by_digest(build):
    image = "registry:5000/serving@sha256:0123"
    assert build(images={"stock": image}).images.stock == image


def test_empty_file_is_refused(tmp_path):
    (tmp_path / "v.yaml").write_text("")
    with pytest.raises(ValueError, match="must hold keys and values"):
        load_values(tmp_path / "v.yaml")
