"""What lies beside the graph of an export."""

import pathlib
import subprocess
import sys

import grpc
import pyarrow.parquet as pq
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_log_pb2

from schemas import signatures
from serving.model_server.server import ModelServer
from serving.model_server.server import ServerOptions
from serving.protos import prediction_service_pb2_grpc


def test_catalogue_travels_with_the_model(saved_model, world):
    copied = pq.read_table(
        pathlib.Path(saved_model) / "assets.extra" / "catalog.parquet"
    )
    assert copied.equals(pq.read_table(world.catalog / "catalog.parquet"))


def test_every_signature_that_people_wait_for_is_warmed_up(saved_model, loaded):
    path = (
        pathlib.Path(saved_model)
        / "assets.extra"
        / "tf_serving_warmup_requests"
    )
    answered = []
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        request = log.predict_log.request
        name = request.model_spec.signature_name
        inputs = {
            key: tf.constant(
                tf.make_ndarray(tensor), signatures.INPUTS[name][key][0]
            )
            for key, tensor in request.inputs.items()
        }
        answer = loaded.signatures[name](**inputs)
        assert {len(output) for output in answer.values()} == {1}
        answered.append(name)
    assert set(answered) == set(signatures.INPUTS) - {
        signatures.SERVING_DEFAULT
    }


def test_client_that_sends_no_profile_is_answered_as_one_without(
    saved_model, make_request, tmp_path
):
    (tmp_path / "1").symlink_to(saved_model)
    options = ServerOptions(
        host="localhost", max_num_load_retries=0, enable_model_warmup=False
    )
    server = ModelServer("m", tmp_path, 0, options)
    server.start(120.0)
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "m"
    request.model_spec.signature_name = signatures.RECOMMEND
    given = make_request(("i12", "i13"))
    for name, value in given.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    try:
        with grpc.insecure_channel(f"localhost:{server.port}") as channel:
            stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
            whole = stub.Predict(request, timeout=60.0)
            del request.inputs["profile"]
            short = stub.Predict(request, timeout=60.0)
    finally:
        server.stop()
    assert short.outputs == whole.outputs


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
    assert done.stdout.split() == ["(1,", "32)"]
