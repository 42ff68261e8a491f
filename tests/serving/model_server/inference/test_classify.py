import numpy as np
import pytest

from serving.model_server.inference.classify import fill_classifications
from serving.model_server.inference.classify import run_classify
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import classification_pb2
from serving.protos import meta_graph_pb2
from tests.serving.conformance.requests import build_classify
from tests.serving.conformance.requests import build_example
from tests.serving.conformance.requests import build_input

_INPUT = build_input(build_example(x=2.0), build_example(x=4.0))


@pytest.fixture(scope="module")
def model(half_plus_two):
    loaded = LoadedModel(half_plus_two)
    yield loaded
    loaded.close()


def test_method_name_is_checked_only_where_asked(model):
    request = build_classify("m", "regress_x_to_y", _INPUT)
    with pytest.raises(ServingError, match="at least one of"):
        run_classify(model, 1, request)
    with pytest.raises(
        ServingError,
        match="Expected classification signature method_name to be "
        r"tensorflow/serving/classify\. Was: tensorflow/serving/regress",
    ):
        run_classify(model, 1, request, checks_method_name=True)


def _signature():
    signature = meta_graph_pb2.SignatureDef()
    signature.outputs["classes"].name = "c:0"
    signature.outputs["scores"].name = "s:0"
    return signature


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([[b"a", b"b"]], [[1.0]], r"match in dim_size\(1\). Got 2 vs. 1"),
        ([[b"\xff"]], [[1.0]], "must be UTF-8"),
    ],
)
def test_classes_that_do_not_fit_are_refused(labels, scores, message):
    values = {
        "c:0": np.array(labels, object),
        "s:0": np.array(scores, np.float32),
    }
    result = classification_pb2.ClassificationResult()
    with pytest.raises(ServingError, match=message):
        fill_classifications(_signature(), 1, values, result)
