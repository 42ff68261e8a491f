import numpy as np
import pytest

from serving.model_server.inference.regress import fill_regressions
from serving.model_server.inference.regress import run_regress
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import regression_pb2
from tests.serving.conformance.requests import build_example
from tests.serving.conformance.requests import build_input
from tests.serving.conformance.requests import build_regress

_INPUT = build_input(build_example(x=2.0), build_example(x=4.0))


@pytest.fixture(scope="module")
def model(half_plus_two):
    loaded = LoadedModel(half_plus_two)
    yield loaded
    loaded.close()


def test_method_name_is_checked_only_where_asked(model):
    request = build_regress("m", "classify_x_to_y", _INPUT)
    with pytest.raises(ServingError, match="No regression outputs"):
        run_regress(model, 1, request)
    with pytest.raises(ServingError, match="Was: tensorflow/serving/classify"):
        run_regress(model, 1, request, checks_method_name=True)


def test_scalar_is_no_regression():
    result = regression_pb2.RegressionResult()
    with pytest.raises(ServingError, match=r"but got \[\]"):
        fill_regressions(1, np.float32(1.0), result)
