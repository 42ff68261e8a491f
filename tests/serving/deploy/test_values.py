import pytest

from serving.deploy.values import load_values


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
        ({"gateway": {"replicas": 2}}, "Received: replicas=2, redis=None"),
        ({"gateway": {"redis": "sqlite:///x"}}, "Received: sqlite://"),
        ({"gateway": {"redis": "redis://"}}, "host:port/number"),
        ({"gateway": {"redis": "redis://:geheim@h/0"}}, "no password"),
        ({"gateway": {"redis": "redis://h/0?password=geheim"}}, "no password"),
        ({"gateway": {"catalogue": "../items.jsonl"}}, "gateway.catalogue"),
        (
            {"gateway": {"config": {"upstream": {"address": "h:1"}}}},
            "Received: upstream.address",
        ),
        ({"gateway": {"config": {"catalogue": "x"}}}, "Received: catalogue"),
        (
            {"gateway": {"config": {"limits": {"max_body_bytes": 0}}}},
            "`gateway.config.limits.max_body_bytes`: .* greater than 0",
        ),
        ({"gateway": {"config": {"limit": {}}}}, "`gateway.config.limit`"),
        (
            {"gateway": {"config": {"storage": {"state": "redis://:x@h"}}}},
            "Received: storage.state\\.",
        ),
    ],
)
def test_wrong_value_is_named(build, changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        build(**changes)
    assert "geheim" not in str(caught.value)


def test_what_is_right_is_taken(build):
    several = {"replicas": 3, "redis": "rediss://h:6379/0"}
    assert build(gateway=several).gateway.replicas == 3
    image = "registry:5000/serving@sha256:0123"
    assert build(images={"stock": image}).images.stock == image


def test_empty_file_is_refused(tmp_path):
    (tmp_path / "v.yaml").write_text("")
    with pytest.raises(ValueError, match="`images` must be set"):
        load_values(tmp_path / "v.yaml")


def test_unknown_key_of_a_file_is_told_with_those_allowed(tmp_path):
    (tmp_path / "v.yaml").write_text("server: {kinds: stock}")
    with pytest.raises(ValueError, match=r"`server\.kinds` is not") as caught:
        load_values(tmp_path / "v.yaml")
    assert "Allowed here: " in str(caught.value)
    assert "`images` must be set" in str(caught.value)


def test_password_in_a_file_is_not_repeated(tmp_path):
    text = "gateway: {redis: ['redis://:geheim@h/0']}"
    (tmp_path / "v.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"gateway\.redis") as caught:
        load_values(tmp_path / "v.yaml")
    assert "geheim" not in str(caught.value)
