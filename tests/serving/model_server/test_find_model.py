import pytest

from serving.model_server.find_model import answer_model_spec
from serving.model_server.find_model import find_model
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from serving.protos import model_pb2
from tests.serving.conftest import add_version


@pytest.fixture
def models(base_path, recommender_model):
    add_version(base_path, 4, recommender_model)
    model = ServedModel("m", base_path, LoadedModel)
    model.read_directory()
    model.step()
    yield {"m": model}
    model.close()


def test_l06_no_version_means_the_highest_loaded_one(models):
    # On the disk, but not loaded: the directory has not been read again.
    (models["m"].base_path / "5").mkdir()
    with find_model(models, model_pb2.ModelSpec(name="m")) as handle:
        assert handle.version == 4


def test_version_that_is_loaded_is_found_by_its_number(models):
    spec = model_pb2.ModelSpec(name="m")
    spec.version.value = 4
    with find_model(models, spec) as handle:
        assert handle.version == 4


def test_model_without_any_version_is_not_found(tmp_path):
    models = {"m": ServedModel("m", tmp_path, LoadedModel)}
    spec = model_pb2.ModelSpec(name="m")
    with (
        pytest.raises(ServingError, match=r"Latest\(m\)"),
        find_model(models, spec),
    ):
        pass


def test_l04_label_means_its_version(models):
    models["m"].labels = {"stable": 4, "canary": 5}
    spec = model_pb2.ModelSpec(name="m", version_label="stable")
    with find_model(models, spec) as handle:
        assert handle.version == 4
    spec.version_label = "canary"
    with (
        pytest.raises(ServingError, match=r"Specific\(m, 5\)"),
        find_model(models, spec),
    ):
        pass


@pytest.mark.parametrize("name", ["m", "nobody"])
def test_l07_label_that_no_config_gives_is_unknown(models, name):
    spec = model_pb2.ModelSpec(name=name, version_label="stable")
    with (
        pytest.raises(ServingError, match="version label: stable"),
        find_model(models, spec),
    ):
        pass


def test_c07_p02_answer_fills_in_signature_and_version_but_no_label():
    asked = model_pb2.ModelSpec(name="m", version_label="stable")
    answered = answer_model_spec(asked, 7)
    assert answered == model_pb2.ModelSpec(
        name="m", signature_name="serving_default", version={"value": 7}
    )
    asked.signature_name = "rank"
    assert answer_model_spec(asked, 7).signature_name == "rank"
