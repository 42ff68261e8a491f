"""TFX's own Evaluator on a tiny SavedModel and tiny Examples.

The model answers with the features `rank_<model>`, `rating_given`,
`probability_given` and `candidate_given`, so that each expected figure follows
by hand.
"""

import json
from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path

import pytest
import tensorflow as tf
from google.protobuf import json_format
from tfx.components.evaluator.executor import Executor
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import standard_artifacts

from components.evaluator.config import EvaluatorConfig
from components.evaluator.eval_config import build_eval_config
from components.evaluator.evaluation import read_evaluation
from trainer.scoring.ranks import mark_finite

NUM_CANDIDATES = 60.0
BEAM_ARGS = ["--runner=FnApiRunner", "--sdk_container_image=unused"]

# rank by the good model, by the bad one, history bucket, item bucket,
# value, its weight, rating given, positive, probability given, user, whether a
# slate could have shown the item
ROWS = (
    (1.0, 2.0, b"0", b"head", 4.0, 1.0, 3.0, 1.0, 0.9, b"u1", 1.0),
    (3.0, 30.0, b"0", b"tail", 0.0, 0.0, 9.0, 0.0, 0.1, b"u1", 1.0),
    (20.0, 20.0, b"20+", b"tail", 5.0, 1.0, 5.0, 1.0, 0.4, b"u2", 1.0),
    (2.0, 11.0, b"20+", b"head", 2.0, 1.0, 4.0, 0.0, 0.3, b"u3", 1.0),
)


def configure(**settings) -> EvaluatorConfig:
    """Settings for four examples: too few for the defaults."""
    lenient = {"min_queries": 1, "min_users": 1, "min_above_chance": 0.0}
    return EvaluatorConfig(**lenient | settings)


def judge(evaluate, model, examples):
    """Evaluates with the default settings.

    Returns:
        Whether it is blessed, the metrics of the thresholds that it misses,
        and its metrics of all queries.
    """
    is_blessed, uri = evaluate(EvaluatorConfig(), model, evaluated=examples)
    found = read_evaluation(uri)
    missed = {row["metric"] for row in found["thresholds"] if not row["ok"]}
    return is_blessed, missed, found["metrics"][""]["candidate"]


def _feature(value):
    if isinstance(value, bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return _write(tmp_path_factory.mktemp("examples"), ROWS)


@pytest.fixture(scope="module")
def unrated_examples(tmp_path_factory):
    """No example has a value, and none of them is positive."""
    rows = [(*row[:4], 0.0, 0.0, row[6], 0.0, *row[8:]) for row in ROWS]
    return _write(tmp_path_factory.mktemp("unrated"), rows)


@pytest.fixture
def write_queries(tmp_path):
    """Returns a function that writes examples.

    It takes, for each query, the rank that the good model gives, the user and
    whether a slate could have shown the item.
    """

    def write(queries: Iterable[tuple[float, str, bool]]):
        folder = tmp_path / "queries"
        folder.mkdir()
        rows = (
            (float(rank), *ROWS[0][1:9], user.encode(), float(is_candidate))
            for rank, user, is_candidate in queries
        )
        return _write(folder, rows)

    return write


def _write(folder: Path, rows) -> standard_artifacts.Examples:
    names = (
        "rank_good",
        "rank_bad",
        "history_bucket",
        "item_bucket",
        "label_value",
        "label_value_weight",
        "rating_given",
        "label_positive",
        "probability_given",
        "user_id",
        "candidate_given",
    )
    split = folder / "Split-eval"
    split.mkdir()
    with tf.io.TFRecordWriter(
        str(split / "data-00000-of-00001.gz"), options="GZIP"
    ) as writer:
        for row in rows:
            features = {
                name: _feature(value)
                for name, value in zip(names, row, strict=True)
            }
            example = tf.train.Example(
                features=tf.train.Features(feature=features)
            )
            writer.write(example.SerializeToString())
    artifact = standard_artifacts.Examples()
    artifact.uri = str(folder)
    artifact.split_names = '["eval"]'
    artifact.set_string_custom_property("payload_format", "FORMAT_TF_EXAMPLE")
    return artifact


def _export(
    folder: Path,
    rank_feature: str,
    factor: float = 1.0,
    without: Sequence[str] = (),
) -> standard_artifacts.Model:
    """Saves a model; `factor` multiplies its ratings and probabilities.

    What it ranks twentieth, people had met before.
    """
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def serve(examples):
        wanted = (
            rank_feature,
            "rating_given",
            "probability_given",
            "candidate_given",
        )
        spec = {name: tf.io.FixedLenFeature([], tf.float32) for name in wanted}
        parsed = tf.io.parse_example(examples, spec)
        rating = factor * parsed["rating_given"]
        probability = factor * parsed["probability_given"]
        # The better the rank, the more of the slate is head.
        head = tf.math.reciprocal(parsed[rank_feature])
        nothing = tf.zeros_like(head)
        exposure = tf.stack([head, nothing, 1.0 - head, nothing], axis=1)
        answers = {
            "rank": parsed[rank_feature],
            "score": -parsed[rank_feature],
            "rating": rating,
            "probability": probability,
        }
        outputs = {
            **mark_finite(answers, exposure),
            "exposure": exposure,
            "num_candidates": tf.ones_like(head) * NUM_CANDIDATES,
            "candidate": parsed["candidate_given"],
            "met": tf.cast(parsed[rank_feature] == 20.0, tf.float32),
            "liked_rank": parsed[rank_feature]
            * tf.cast(parsed["probability_given"] > 0.35, tf.float32),
        }
        return {n: one for n, one in outputs.items() if n not in without}

    module.serve = serve
    tf.saved_model.save(
        module,
        str(folder / "Format-Serving"),
        signatures={"serving_default": serve},
    )
    artifact = standard_artifacts.Model()
    artifact.uri = str(folder)
    return artifact


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return _export(tmp_path_factory.mktemp("good"), "rank_good")


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    return _export(tmp_path_factory.mktemp("bad"), "rank_bad", factor=1.1)


@pytest.fixture(scope="module")
def diverged(tmp_path_factory):
    """The good model's ranks, with ratings and probabilities of NaN."""
    folder = tmp_path_factory.mktemp("diverged")
    return _export(folder, "rank_good", factor=float("nan"))


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """As models were exported before they told what figures rest on."""
    folder = tmp_path_factory.mktemp("old")
    told = ("finite", "num_candidates", "candidate", "met", "liked_rank")
    return _export(folder, "rank_good", without=told)


@pytest.fixture
def evaluate(tmp_path, examples):
    """Returns a function that runs the executor.

    It takes an EvaluatorConfig, the candidate, the baseline or None and, if
    it is not to be `examples`, what is evaluated. It returns whether the
    candidate is blessed, and the evaluation's URI.
    """

    def run(config, candidate, baseline=None, evaluated=examples):
        evaluation = standard_artifacts.ModelEvaluation()
        evaluation.uri = str(tmp_path / "evaluation")
        blessing = standard_artifacts.ModelBlessing()
        blessing.uri = str(tmp_path / "blessing")
        inputs = {"examples": [evaluated], "model": [candidate]}
        if baseline is not None:
            inputs["baseline_model"] = [baseline]
        context = BaseBeamExecutor.Context(
            beam_pipeline_args=BEAM_ARGS, tmp_dir=str(tmp_path), unique_id="1"
        )
        eval_config = json_format.MessageToJson(
            build_eval_config(config), preserving_proto_field_name=True
        )
        Executor(context).Do(
            inputs,
            {"evaluation": [evaluation], "blessing": [blessing]},
            {
                "eval_config": eval_config,
                "example_splits": json.dumps(["eval"]),
            },
        )
        is_blessed = blessing.get_int_custom_property("blessed") == 1
        return is_blessed, evaluation.uri

    return run
