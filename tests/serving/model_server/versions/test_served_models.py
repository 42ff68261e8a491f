"""Configs and polls of many models, stepped by hand."""

import shutil

import grpc
import pytest

from serving.model_server.serving_error import ServingError
from serving.model_server.settings.model_configs import ModelServerConfig
from serving.model_server.versions.load_policy import RetryPolicy
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from serving.model_server.versions.served_models import ServedModels
from tests.serving.conftest import add_version


def _build(name, base_path):
    return ServedModel(name, base_path, LoadedModel, RetryPolicy(0))


@pytest.fixture
def models():
    found = ServedModels(_build)
    yield found
    found.close()


@pytest.fixture
def config(tmp_path, half_plus_two):
    """Models `a` with version 1 and `b` with version 2."""
    built = ModelServerConfig()
    for name, version in (("a", 1), ("b", 2)):
        add_version(tmp_path / name, version, half_plus_two)
        built.model_config_list.config.add(
            name=name,
            base_path=str(tmp_path / name),
            model_platform="tensorflow",
        )
    return built


def _settle(models):
    models.poll()
    while any(model.step() for model in models.values()):
        pass


def _states(models):
    return {
        name: {r.number: r.state.name for r in model.list_records()}
        for name, model in models.items()
    }


def test_v12_every_model_must_have_a_version(models, config):
    assert models.are_available()  # none is asked for
    models.apply(config)
    assert list(models) == ["a", "b"]
    assert models.is_poll_due.is_set()
    assert not models.are_available()
    _settle(models)
    assert models.are_available()
    assert _states(models) == {"a": {1: "AVAILABLE"}, "b": {2: "AVAILABLE"}}


def test_v13_model_that_failed_for_good_is_told_with_its_error(
    models, config, tmp_path
):
    (tmp_path / "b" / "2" / "saved_model.pb").unlink()
    models.apply(config)
    _settle(models)
    with pytest.raises(ServingError) as caught:
        models.are_available()
    assert caught.value.code is grpc.StatusCode.UNKNOWN
    assert caught.value.message.startswith(
        "1 servable(s) did not become available: {{{name: b version: 2} due "
        "to error: NOT_FOUND: Specified file path"
    )


def test_missing_base_path_ends_the_poll_for_all_models(
    models, config, tmp_path, half_plus_two, caplog
):
    models.apply(config)
    _settle(models)
    shutil.rmtree(tmp_path / "b")
    add_version(tmp_path / "a", 5, half_plus_two)
    _settle(models)
    assert _states(models) == {"a": {1: "AVAILABLE"}, "b": {2: "AVAILABLE"}}
    assert f"Could not find base path {tmp_path / 'b'}" in caplog.text


def test_v06_policy_of_the_config_counts(
    models, config, tmp_path, half_plus_two
):
    add_version(tmp_path / "a", 4, half_plus_two)
    policy = config.model_config_list.config[0].model_version_policy
    policy.specific.versions.extend([1, 3])
    models.apply(config)
    _settle(models)
    assert _states(models)["a"] == {1: "AVAILABLE"}
    policy.all.SetInParent()
    models.apply(config)
    _settle(models)
    assert _states(models)["a"] == {4: "AVAILABLE", 1: "AVAILABLE"}


def test_reload_waits_for_new_models_as_long_as_its_caller(models, config):
    answers = iter([True, True, False])
    with pytest.raises(ServingError, match="caller left") as caught:
        models.apply(config, lambda: next(answers))
    assert caught.value.code is grpc.StatusCode.CANCELLED
    # A model that is already there is not waited for.
    models.apply(config, lambda: False)


def test_empty_config_changes_nothing(models):
    models.apply(ModelServerConfig())
    assert len(models) == 0


def test_model_that_comes_back_is_loaded_again(models, config):
    models.apply(config)
    _settle(models)
    rest = ModelServerConfig()
    rest.CopyFrom(config)
    del rest.model_config_list.config[0]
    models.apply(rest)
    _settle(models)
    models.apply(config)
    _settle(models)
    assert _states(models)["a"] == {1: "AVAILABLE"}
