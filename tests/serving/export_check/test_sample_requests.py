import shutil
from pathlib import Path

import pytest
import tensorflow as tf

from schemas import signatures
from schemas.artifact_files import WARM_UP_FILE
from serving.export_check.sample_requests import _make_up_array
from serving.export_check.sample_requests import build_sample_requests
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import meta_graph_pb2
from serving.protos import prediction_log_pb2
from serving.protos import types_pb2
from serving.tensors import decode_tensor
from tests.serving.requests import build_recommend_request


@pytest.fixture(scope="module")
def warm_export(recommender_model, tmp_path_factory) -> Path:
    """The healthy export with one warm-up request, for `recommend`."""
    export = tmp_path_factory.mktemp("warm") / "1"
    shutil.copytree(recommender_model, export)
    file = export / WARM_UP_FILE
    file.parent.mkdir(exist_ok=True)
    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.CopyFrom(build_recommend_request())
    with tf.io.TFRecordWriter(str(file)) as writer:
        writer.write(log.SerializeToString())
    return export


@pytest.fixture(scope="module")
def samples(warm_export):
    model = LoadedModel(warm_export)
    yield build_sample_requests(warm_export, model.signatures)
    model.close()


def _get_request(samples, signature):
    (found,) = [
        sample.request
        for sample in samples
        if sample.request.model_spec.signature_name == signature
    ]
    return found


def test_every_signature_is_asked_once(samples):
    asked = [sample.request.model_spec.signature_name for sample in samples]
    assert sorted(asked) == sorted(signatures.INPUTS)


def test_warm_up_request_is_taken_as_it_is(samples):
    assert samples[0].is_warm_up
    assert samples[0].request == build_recommend_request()
    assert not any(sample.is_warm_up for sample in samples[1:])


def test_made_up_request_borrows_what_the_warm_up_request_knows(samples):
    request = _get_request(samples, signatures.RANK)
    warm = build_recommend_request()
    assert request.inputs["item_id"] == warm.inputs["item_id"]
    assert set(request.inputs) == set(signatures.RANK_INPUTS)


def test_what_nobody_knows_is_one_empty_row(samples):
    request = _get_request(samples, signatures.ENCODE_ITEMS)
    assert decode_tensor(request.inputs["title"]).tolist() == [b""]
    assert decode_tensor(request.inputs["categories"]).tolist() == [[b""]]


def test_example_that_ends_in_a_zero_byte_stays_whole():
    info = meta_graph_pb2.TensorInfo(dtype=types_pb2.DT_STRING)
    info.tensor_shape.dim.add(size=-1)
    array = _make_up_array(info, 2, b"example\0")
    assert array.tolist() == [b"example\0", b"example\0"]
