"""Writes the SavedModel that is evaluated, validated and pushed."""

import pathlib
import shutil

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import model_pb2
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_log_pb2

from schemas import signatures
from schemas.artifact_files import CATALOG_FILE
from schemas.artifact_files import PUSHED_CATALOG_FILE
from schemas.artifact_files import WARM_UP_FILE
from schemas.model_facts import ModelFacts
from schemas.model_facts import write_model_facts
from trainer.config import NeedConfig
from trainer.export.serving_model import ServingModel

# The first call of a signature takes seconds: warm-up makes it.
_QUERY = {"need": [""], "query_time": [0], "scenario": [""]}
_SLATE = {
    "k": [10],
    "exclude_history": [True],
    "min_price": [float("nan")],
    "max_price": [float("nan")],
}
_WARMUPS = (
    (signatures.RECOMMEND, _QUERY | _SLATE),
    (
        signatures.RECOMMEND,
        _QUERY | _SLATE | {"need": ["something to warm up with"]},
    ),
    (signatures.RANK, _QUERY | {"candidate_item_id": [["?"]]}),
    (signatures.EXPLAIN, _QUERY | {"candidate_item_id": [["?"]]}),
    (signatures.ENCODE_QUERY, _QUERY),
    (signatures.ENCODE_ITEMS, {"title": ["A title"], "description": [""]}),
)


def export_model(
    module: ServingModel,
    catalog_path: str,
    destination: str,
    needs: NeedConfig | None = None,
) -> None:
    """Saves the model with catalogue, facts and warm-up requests beside it.

    The catalogue is stored with the model, so that titles and index are always
    of one version.

    Args:
        module: the trained model.
        catalog_path: folder of the Catalog artifact.
        destination: folder of the SavedModel.
        needs: how needs are read, for who reads what they refuse; None = the
            defaults.
    """
    tf.saved_model.save(
        module, destination, signatures=_build_signatures(module)
    )
    folder = pathlib.Path(destination)
    _set_defaults(folder / "saved_model.pb")
    facts = ModelFacts(
        repeats=module.repeats,
        category_words=(needs or NeedConfig()).category_words,
    )
    write_model_facts(facts, folder)
    catalog = folder / PUSHED_CATALOG_FILE
    catalog.parent.mkdir(exist_ok=True)
    shutil.copyfile(pathlib.Path(catalog_path) / CATALOG_FILE, catalog)
    with tf.io.TFRecordWriter(str(folder / WARM_UP_FILE)) as writer:
        for signature, values in _WARMUPS:
            log = _build_warmup_log(signature, values, module.inputs[signature])
            writer.write(log.SerializeToString())


def _set_defaults(path: pathlib.Path) -> None:
    """Writes what a request that leaves an input out is taken to say."""
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    for graph in saved.meta_graphs:
        for signature in graph.signature_def.values():
            for name in signatures.OPTIONAL_INPUTS & signature.inputs.keys():
                dtype, rank = signatures.QUERY_INPUTS[name]
                signature.defaults[name].CopyFrom(
                    tf.make_tensor_proto("", dtype, [1] * rank)
                )
    path.write_bytes(saved.SerializeToString())


def _build_warmup_log(signature, values, inputs):
    """A request for one signature; lists that are not given are empty."""
    request = predict_pb2.PredictRequest(
        model_spec=model_pb2.ModelSpec(
            name=signatures.MODEL_NAME, signature_name=signature
        )
    )
    for name, (dtype, rank) in inputs.items():
        # One row each: what a source reads of an item is then not known.
        empty = [float("nan")] if rank == 1 else [[]]
        tensor = tf.make_tensor_proto(
            values.get(name, empty),
            dtype=tf.dtypes.as_dtype(dtype),
        )
        request.inputs[name].CopyFrom(tensor)
    return prediction_log_pb2.PredictionLog(
        predict_log=prediction_log_pb2.PredictLog(request=request)
    )


def _build_signatures(module: ServingModel) -> dict:
    """Traces every signature with free batch and length."""
    bodies = {
        signatures.SERVING_DEFAULT: module.score_examples,
        signatures.RECOMMEND: module.recommend,
        signatures.RANK: module.rank,
        signatures.EXPLAIN: module.explain,
        signatures.ENCODE_QUERY: module.encode_query,
        signatures.ENCODE_ITEMS: module.encode_items,
    }
    return {
        name: _trace(body, module.inputs[name]) for name, body in bodies.items()
    }


def _trace(body, inputs):
    specs = {
        key: tf.TensorSpec([None] * rank, tf.dtypes.as_dtype(dtype), name=key)
        for key, (dtype, rank) in inputs.items()
    }

    @tf.function(autograph=False)
    def function(**request):
        return body(request)

    return function.get_concrete_function(**specs)
