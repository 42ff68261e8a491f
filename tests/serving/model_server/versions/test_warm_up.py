import shutil

import grpc
import pytest
import tensorflow as tf

from schemas.artifact_files import WARM_UP_FILE
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.warm_up import warm_up
from serving.protos import prediction_log_pb2
from tests.serving.requests import build_items_request


@pytest.fixture
def model_path(recommender_model, tmp_path):
    return shutil.copytree(recommender_model, tmp_path / "model")


@pytest.fixture(scope="module")
def model(recommender_model):
    loaded = LoadedModel(recommender_model)
    yield loaded
    loaded.close()


def _write(model_path, requests):
    file = model_path / WARM_UP_FILE
    file.parent.mkdir()
    with tf.io.TFRecordWriter(str(file)) as writer:
        for request in requests:
            log = prediction_log_pb2.PredictionLog()
            log.predict_log.request.CopyFrom(request)
            writer.write(log.SerializeToString())
    return file


def test_every_request_is_replayed(model, model_path):
    _write(model_path, [build_items_request()] * 3)
    assert warm_up(model, model_path) == 3


def test_other_kinds_of_records_are_unimplemented(model, model_path):
    file = _write(model_path, [])
    log = prediction_log_pb2.PredictionLog()
    log.session_run_log.SetInParent()
    with tf.io.TFRecordWriter(str(file)) as writer:
        writer.write(log.SerializeToString())
    with pytest.raises(ServingError, match="Unsupported log_type") as caught:
        warm_up(model, model_path)
    assert caught.value.code is grpc.StatusCode.UNIMPLEMENTED


def test_w03_more_than_1000_records_are_refused(model, model_path):
    _write(model_path, [build_items_request()] * 1001)
    with pytest.raises(ServingError, match=r"exceeds the maximum \(1000\)"):
        warm_up(model, model_path)


def test_w03_other_formats_are_data_loss(model, model_path):
    file = _write(model_path, [])
    file.write_bytes(b"no record at all, but long enough to be one")
    with pytest.raises(ServingError, match="in TFRecord format") as caught:
        warm_up(model, model_path)
    assert caught.value.code is grpc.StatusCode.DATA_LOSS


def test_file_that_cannot_be_read_is_a_status(model, model_path):
    file = _write(model_path, [])
    file.unlink()
    file.symlink_to("/proc/self/mem")  # a read error, even for root
    with pytest.raises(ServingError, match="Input/output error"):
        warm_up(model, model_path)
