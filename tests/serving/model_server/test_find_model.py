import pytest

from serving.model_server.find_model import find_model
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from serving.protos import model_pb2
from tests.serving.conftest import add_version


@pytest.fixture
def models(base_path, half_plus_two):
    add_version(base_path, 4, half_plus_two)
    model = ServedModel("m", base_path, LoadedModel)
    model.read_directory()
    model.step()
    yield {"m": model}
    model.close()


def test_version_that_is_not_loaded_yet_is_not_the_latest(models):
    # On the disk, but not loaded: the directory has not been read again.
    (models["m"].base_path / "5").mkdir()
    with find_model(models, model_pb2.ModelSpec(name="m")) as handle:
        assert handle.version == 4


def test_label_may_mean_a_version_that_is_not_loaded(models):
    models["m"].labels = {"canary": 5}
    spec = model_pb2.ModelSpec(name="m", version_label="canary")
    with (
        pytest.raises(ServingError, match=r"Specific\(m, 5\)"),
        find_model(models, spec),
    ):
        pass
