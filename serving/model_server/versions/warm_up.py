"""Replays the warm-up requests of an export before it serves.

The file `assets.extra/tf_serving_warmup_requests` below the version is an
uncompressed TFRecord of `PredictionLog`. One failing record fails the load: a
cheap check in production that a model answers.

Source: tensorflow_serving/servables/tensorflow/saved_model_warmup_util.cc
(SERVING rules W-01 to W-04).
"""

import functools
from collections.abc import Callable
from pathlib import Path

import grpc
import tensorflow as tf
from google.protobuf.message import DecodeError

from schemas.artifact_files import WARM_UP_FILE
from serving.model_server.inference.classify import run_classify
from serving.model_server.inference.multi_inference import run_multi_inference
from serving.model_server.inference.predict import run_predict
from serving.model_server.inference.regress import run_regress
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import prediction_log_pb2

_MAX_NUM_RECORDS = 1000

_RUNS = {
    "predict_log": run_predict,
    "classify_log": run_classify,
    "regress_log": run_regress,
    "multi_inference_log": run_multi_inference,
}


def warm_up(model: LoadedModel, path: Path, num_iterations: int = 1) -> int:
    """Replays the warm-up file of a version, if there is one.

    Args:
        model: the model loaded from `path`.
        path: the version directory.
        num_iterations: how often each request is replayed.

    Returns:
        The number of requests replayed.

    Raises:
        ServingError: the file cannot be read, or a request failed.
    """
    file = path / WARM_UP_FILE
    if not file.is_file():
        return 0
    num_records = 0
    try:
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            replay = _read_record(model, record, file)
            for _ in range(num_iterations):
                replay()
            num_records += 1
            if num_records > _MAX_NUM_RECORDS:
                raise invalid_argument(
                    "Number of warmup records exceeds the maximum "
                    f"({_MAX_NUM_RECORDS}) at {file}"
                )
    except tf.errors.DataLossError as error:
        raise ServingError(
            grpc.StatusCode.DATA_LOSS,
            f"{error.message}. Please verify your warmup data is in TFRecord "
            "format.",
        ) from error
    except tf.errors.OpError as error:
        raise ServingError.from_number(
            error.error_code, error.message
        ) from error
    return num_records


def _read_record(
    model: LoadedModel, record: bytes, file: Path
) -> Callable[[], object]:
    """Reads a record; returns the function that replays it."""
    try:
        log = prediction_log_pb2.PredictionLog.FromString(record)
    except DecodeError as error:
        raise invalid_argument(
            f"Failed to parse warmup record: {record!r} from {file}"
        ) from error
    kind = log.WhichOneof("log_type")
    run = _RUNS.get(kind)
    if run is None:
        raise ServingError(
            grpc.StatusCode.UNIMPLEMENTED,
            f"Unsupported log_type for warmup: {kind}",
        )
    return functools.partial(run, model, 0, getattr(log, kind).request)
