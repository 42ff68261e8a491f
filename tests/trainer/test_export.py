"""What lies beside the graph of an export."""

import pathlib
import subprocess
import sys

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


# A process of its own: here, TFX's libraries have registered their ops.
_LOAD = """
import sys
import tensorflow as tf
import tensorflow_text
model = tf.saved_model.load(sys.argv[1])
answer = model.signatures["encode_items"](
    title=tf.constant(["a ship"]),
    description=tf.constant([""]),
    categories=tf.constant([[""]]),
)
print(answer["item_embedding"].shape)
"""


def test_export_loads_with_core_and_tensorflow_text_ops_alone(saved_model):
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, saved_model],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["(1,", "16)"]
