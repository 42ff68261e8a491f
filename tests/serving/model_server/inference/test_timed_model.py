import pytest

from serving.model_server.inference.predict import run_predict
from serving.model_server.inference.timed_model import TimedModel
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from tests.serving.requests import build_items_request
from tests.serving.requests import build_predict_request


@pytest.fixture(scope="module")
def model(recommender_model):
    loaded = LoadedModel(recommender_model)
    yield loaded
    loaded.close()


def test_run_takes_some_time_and_changes_nothing(model):
    timed = TimedModel(model)
    request = build_items_request(("abc",))
    answer = run_predict(timed, 1, request)
    assert answer == run_predict(model, 1, request)
    assert timed.microseconds > 0


def test_refused_request_took_no_time_in_tensorflow(model):
    timed = TimedModel(model)
    with pytest.raises(ServingError, match="nothing"):
        run_predict(timed, 1, build_predict_request("nothing", {}))
    assert timed.microseconds is None
