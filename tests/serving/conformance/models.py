"""Small SavedModels that show every rule, and the config that serves them.

    <folder>/
        models.config           for --model_config_file
        half_plus_two/1/  2/    labels stable = 1, canary = 2
        toolbox/7/              a signature for each kind of tensor
        growing/1/              tests add and remove versions here

`python -m tests.serving.conformance.models FOLDER [SEEN_AS]` writes them for
a stock server that sees FOLDER as SEEN_AS:

    tensorflow_model_server --port=8500 --rest_api_port=8501 \
        --model_config_file=SEEN_AS/models.config \
        --monitoring_config_file=SEEN_AS/monitoring.config \
        --allow_version_labels_for_unavailable_models=true \
        --enable_grpc_healthcheck_service=true --max_num_load_retries=0
"""

import shutil
import sys
from pathlib import Path

import tensorflow as tf

HALF_PLUS_TWO = "half_plus_two"
TOOLBOX = "toolbox"
TOOLBOX_VERSION = 7
GROWING = "growing"
CONFIG_FILE = "models.config"
MONITORING_FILE = "monitoring.config"

# Signatures of `toolbox` that answer what they were sent, one per dtype.
DTYPES = (
    "float",
    "double",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
    "string",
    "half",
    "bfloat16",
    "complex64",
)

_CONFIG = """\
model_config_list {{
  config {{
    name: "half_plus_two"
    base_path: "{folder}/half_plus_two"
    model_platform: "tensorflow"
    model_version_policy {{ all {{}} }}
    version_labels {{ key: "stable" value: 1 }}
    version_labels {{ key: "canary" value: 2 }}
  }}
  config {{
    name: "toolbox"
    base_path: "{folder}/toolbox"
    model_platform: "tensorflow"
  }}
  config {{
    name: "growing"
    base_path: "{folder}/growing"
    model_platform: "tensorflow"
  }}
}}
"""

_v1 = tf.compat.v1
_build_signature = _v1.saved_model.signature_def_utils


def _save(path: Path, build, strip: bool = True) -> Path:
    """Writes one version: `build` adds to a graph, and names signatures."""
    with tf.Graph().as_default(), _v1.Session() as session:
        signatures = build()
        session.run(_v1.global_variables_initializer())
        builder = _v1.saved_model.Builder(str(path))
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            signature_def_map=signatures,
            strip_default_attrs=strip,
        )
        builder.save()
    return path


def save_half_plus_two(path: Path, offset: float = 2.0) -> Path:
    """y = x / 2 + offset, as Predict, Regress and Classify.

    Version 1 of `half_plus_two` has an offset of 2, version 2 one of 3.
    """

    def build():
        examples = _v1.placeholder(tf.string, [None], name="tf_example")
        features = {
            "x": tf.io.FixedLenFeature([1], tf.float32),
            "x2": tf.io.FixedLenFeature([1], tf.float32, default_value=[0.0]),
        }
        parsed = tf.io.parse_example(examples, features)
        x = tf.identity(parsed["x"], name="x")
        half = _v1.get_variable("a", initializer=0.5)
        y = tf.add(half * x, offset, name="y")
        y3 = tf.add(half * parsed["x2"], 3.0, name="y3")
        classes = tf.strings.as_string(tf.concat([y, y3], 1), precision=1)
        return {
            "serving_default": _build_signature.predict_signature_def(
                {"x": x}, {"y": y}
            ),
            "regress_x_to_y": _build_signature.regression_signature_def(
                examples, y
            ),
            "regress_x2_to_y3": _build_signature.regression_signature_def(
                examples, y3
            ),
            "classify_x_to_y": _build_signature.classification_signature_def(
                examples, classes=None, scores=y
            ),
            "classify_both": _build_signature.classification_signature_def(
                examples, classes=classes, scores=tf.concat([y, y3], 1)
            ),
        }

    return _save(path, build)


def _add_echoes() -> dict:
    """Signatures `echo_<dtype>`: x of any shape comes back as y."""
    signatures = {}
    for name in DTYPES:
        dtype = {"float": "float32", "double": "float64"}.get(name, name)
        x = _v1.placeholder(tf.as_dtype(dtype), None, name=f"x_{name}")
        signatures[f"echo_{name}"] = _build_signature.predict_signature_def(
            {"x": x}, {"y": tf.identity(x)}
        )
    return signatures


def _add_odd_ones() -> dict:
    """Classify and Regress signatures that break the rules C-03 to C-05."""
    examples = _v1.placeholder(tf.string, [None], name="odd_example")
    length = tf.cast(tf.strings.length(examples), tf.float32)
    wide = tf.stack([length, length], 1)
    classify = "tensorflow/serving/classify"
    regress = "tensorflow/serving/regress"

    def build(inputs, outputs, method):
        info = _v1.saved_model.utils.build_tensor_info
        return _build_signature.build_signature_def(
            {name: info(tensor) for name, tensor in inputs.items()},
            {name: info(tensor) for name, tensor in outputs.items()},
            method,
        )

    inputs = {"inputs": examples}
    return {
        "classify_flat": build(inputs, {"scores": length}, classify),
        "classify_short": build(inputs, {"scores": wide[:1]}, classify),
        "classify_numbers": build(inputs, {"classes": wide}, classify),
        "classify_labels": build(
            inputs, {"classes": tf.strings.as_string(wide)}, classify
        ),
        "classify_nothing": build(inputs, {"other": wide}, classify),
        "classify_other_input": build(
            {"other": examples}, {"scores": wide}, classify
        ),
        "classify_two_inputs": build(
            {"inputs": examples, "other": examples}, {"scores": wide}, classify
        ),
        "regress_wide": build(inputs, {"outputs": wide}, regress),
        "regress_short": build(inputs, {"outputs": length[:1]}, regress),
        # How long the example is: shows how a context was joined.
        "regress_flat": build(inputs, {"outputs": length}, regress),
        "regress_double": build(
            inputs, {"outputs": tf.cast(length, tf.float64)}, regress
        ),
        "regress_nothing": build(inputs, {"other": length}, regress),
    }


def _add_defaults() -> dict:
    """`with_default`: y = a + b, where b is 10 unless sent."""
    a = _v1.placeholder(tf.float32, [None], name="default_a")
    b = _v1.placeholder(tf.float32, [None], name="default_b")
    signature = _build_signature.predict_signature_def(
        {"a": a, "b": b}, {"y": a + b}
    )
    signature.defaults["b"].CopyFrom(tf.make_tensor_proto([10.0]))
    return {"with_default": signature}


def save_toolbox(path: Path) -> Path:
    """`serving_default`: total = a + b, difference = a - b, both `[N]`."""

    def build():
        a = _v1.placeholder(tf.float32, [None], name="a")
        b = _v1.placeholder(tf.float32, [None], name="b")
        text = _v1.placeholder(tf.string, [None], name="text")
        pair = _v1.placeholder(tf.float32, [None, 2], name="pair")
        weights = _v1.get_variable("weights", initializer=[[1.0], [10.0]])
        predict = _build_signature.predict_signature_def
        return {
            "serving_default": predict(
                {"a": a, "b": b}, {"total": a + b, "difference": a - b}
            ),
            # Inputs that never meet: batch sizes may differ.
            "apart": predict({"a": a, "b": b}, {"a2": 2 * a, "b2": 2 * b}),
            "scalar": predict({"a": a}, {"mean": tf.reduce_mean(a)}),
            "weigh": predict({"pair": pair}, {"y": pair @ weights}),
            "texts": predict(
                {"text": text},
                {
                    "upper": tf.strings.upper(text),
                    "text_bytes": tf.identity(text),
                },
            ),
            "shout": predict({"text": text}, {"upper": _upper(text)}),
            "nothing_finite": predict({"a": a}, {"y": a / 0.0}),
            "uneven": predict({"a": a}, {"all": a + 0.0, "first": a[:1]}),
            "to_half": predict({"a": a}, {"y": tf.cast(a, tf.float16)}),
            "to_bfloat16": predict({"a": a}, {"y": tf.cast(a, tf.bfloat16)}),
            **_add_echoes(),
            **_add_odd_ones(),
            **_add_defaults(),
        }

    return _save(path, build)


def _upper(text: tf.Tensor) -> tf.Tensor:
    return tf.strings.join([tf.strings.upper(text), "!"])


def write_models(folder: Path, seen_as: str | None = None) -> Path:
    """Writes all models and configs; returns the model config's path.

    Args:
        folder: where to; created, or emptied of older models.
        seen_as: the folder's path in the server's own eyes.
    """
    for name in (HALF_PLUS_TWO, TOOLBOX, GROWING):
        shutil.rmtree(folder / name, ignore_errors=True)
    save_half_plus_two(folder / HALF_PLUS_TWO / "1", 2.0)
    save_half_plus_two(folder / HALF_PLUS_TWO / "2", 3.0)
    save_toolbox(folder / TOOLBOX / str(TOOLBOX_VERSION))
    save_half_plus_two(folder / GROWING / "1", 1.0)
    (folder / MONITORING_FILE).write_text("prometheus_config { enable: true }")
    config = folder / CONFIG_FILE
    config.write_text(_CONFIG.format(folder=seen_as or folder))
    return config


if __name__ == "__main__":
    write_models(Path(sys.argv[1]), *sys.argv[2:])
