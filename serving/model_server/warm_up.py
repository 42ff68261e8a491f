"""Replays the requests that an export brings along, before it serves.

The file `assets.extra/tf_serving_warmup_requests` below the version is an
uncompressed TFRecord of `PredictionLog`. One failing record fails the load:
the cheapest check in production that a model answers at all.

Source: tensorflow_serving/servables/tensorflow/saved_model_warmup_util.cc
(SERVING rules W-01 to W-04).
"""

from pathlib import Path

import grpc
import tensorflow as tf
from google.protobuf.message import DecodeError

from serving.model_server.loaded_model import LoadedModel
from serving.model_server.predict import run_predict
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.protos import prediction_log_pb2

WARM_UP_FILE = Path("assets.extra") / "tf_serving_warmup_requests"
_MAX_NUM_RECORDS = 1000


def warm_up(model: LoadedModel, path: Path) -> int:
    """Replays the warm-up file of a version, if there is one.

    Args:
        model: the model loaded from `path`.
        path: the version directory.

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
            _replay(model, record, file)
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


def _replay(model: LoadedModel, record: bytes, file: Path) -> None:
    try:
        log = prediction_log_pb2.PredictionLog.FromString(record)
    except DecodeError as error:
        raise invalid_argument(
            f"Failed to parse warmup record: {record!r} from {file}"
        ) from error
    kind = log.WhichOneof("log_type")
    if kind != "predict_log":
        raise ServingError(
            grpc.StatusCode.UNIMPLEMENTED,
            f"Unsupported log_type for warmup: {kind}",
        )
    run_predict(model, 0, log.predict_log.request)
