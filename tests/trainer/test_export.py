"""What lies beside the graph of an export."""

import pathlib

import pyarrow.parquet as pq
import tensorflow as tf
import tensorflow_text  # noqa: F401  (registers the tokenizer's ops)
from tensorflow_serving.apis import prediction_log_pb2

from schemas import signatures


def test_catalogue_travels_with_the_model(saved_model, world):
    copied = pq.read_table(
        pathlib.Path(saved_model) / "assets.extra" / "catalog.parquet"
    )
    assert copied.equals(pq.read_table(world.catalog / "catalog.parquet"))


def test_warm_up_requests_fit_the_signature(saved_model):
    path = (
        pathlib.Path(saved_model)
        / "assets.extra"
        / "tf_serving_warmup_requests"
    )
    recommend = tf.saved_model.load(saved_model).signatures[
        signatures.RECOMMEND
    ]
    answered = 0
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        request = log.predict_log.request
        assert request.model_spec.signature_name == signatures.RECOMMEND
        inputs = {n: tf.make_ndarray(t) for n, t in request.inputs.items()}
        answer = recommend(
            **{
                name: tf.constant(value, signatures.RECOMMEND_INPUTS[name][0])
                for name, value in inputs.items()
            }
        )
        assert answer["item_id"].shape == (1, 10)
        answered += 1
    assert answered == 2
