import shutil

import grpc
import pytest

from schemas.artifact_files import WARM_UP_FILE
from serving.model_server.batching import BatchedModel
from serving.model_server.inference.predict import run_predict
from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.serving_error import ServingError
from serving.model_server.settings.server_options import ServerOptions
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.model_loader import ModelLoader
from tests.serving.conformance.requests import build_predict


@pytest.fixture
def load(half_plus_two):
    """Loads with some options; everything is closed at the end."""
    opened = []

    def build(path=half_plus_two, metrics=None, **options):
        loader = ModelLoader(
            ServerOptions(**options), metrics or ServerMetrics()
        )
        opened.append(loader)
        model = loader.load(path)
        opened.insert(0, model)
        return model

    yield build
    for each in opened:
        each.close()


def test_model_is_plain_unless_batching_is_on(load):
    model = load(tensorflow_session_parallelism=1)
    assert isinstance(model, LoadedModel)
    assert run_predict(model, 1, build_predict("m", {"x": [2.0]})).outputs


def test_batching_parameters_of_the_file_count(load, tmp_path):
    file = tmp_path / "batching"
    file.write_text("max_batch_size { value: 2 }")
    model = load(enable_batching=True, batching_parameters_file=str(file))
    assert isinstance(model, BatchedModel)
    with pytest.raises(ServingError, match="Task size 3 is larger than"):
        run_predict(model, 1, build_predict("m", {"x": [[1.0]] * 3}))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("max_batch_size: 2", grpc.StatusCode.INVALID_ARGUMENT),
        (None, grpc.StatusCode.NOT_FOUND),
    ],
)
def test_f11_file_of_batching_parameters_must_be_right(tmp_path, text, code):
    file = tmp_path / "batching"
    if text:
        file.write_text(text)
    options = ServerOptions(
        enable_batching=True, batching_parameters_file=str(file)
    )
    with pytest.raises(ServingError, match="batching") as caught:
        ModelLoader(options, ServerMetrics())
    assert caught.value.code is code


def test_b13_model_without_parameters_of_its_own_is_not_batched(
    load, half_plus_two, tmp_path
):
    options = {
        "enable_batching": True,
        "enable_per_model_batching_parameters": True,
    }
    assert isinstance(load(**options), LoadedModel)
    path = shutil.copytree(half_plus_two, tmp_path / "1")
    (path / "batching_params.pbtxt").write_text("max_batch_size { value: 1 }")
    assert isinstance(load(path, **options), BatchedModel)


def test_f13_warm_up_that_fails_fails_the_load_unless_it_is_off(
    load, half_plus_two, tmp_path
):
    path = shutil.copytree(half_plus_two, tmp_path / "1")
    (path / WARM_UP_FILE).parent.mkdir()
    (path / WARM_UP_FILE).write_text("no record, but long enough to be one")
    metrics = ServerMetrics()
    with pytest.raises(ServingError, match="TFRecord"):
        load(path, metrics)
    assert load(path, metrics, enable_model_warmup=False)
    name = ":tensorflow:cc:saved_model:load_attempt_count"
    for status in ("fail", "success"):
        labels = f'model_path="{path}",status="{status}"'
        assert f"{name}{{{labels}}} 1" in metrics.render()
