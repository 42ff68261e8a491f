"""TFX's own Evaluator on a tiny SavedModel and tiny Examples.

The model answers with the features `rank_<model>`, `rating_given` and
`probability_given`, so that each expected figure follows by hand.
"""

import json
import math
from pathlib import Path

import pytest
import tensorflow as tf
from google.protobuf import json_format
from tfx.components.evaluator.executor import Executor
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import standard_artifacts

from components.evaluator.config import EvaluatorConfig
from components.evaluator.config import MetricThreshold
from components.evaluator.eval_config import build_eval_config
from components.evaluator.evaluation import read_evaluation

BEAM_ARGS = ["--runner=FnApiRunner", "--sdk_container_image=unused"]

# rank by the good model, by the bad one, history bucket, item bucket,
# value, its weight, rating given, positive, probability given
ROWS = (
    (1.0, 2.0, b"0", b"head", 4.0, 1.0, 3.0, 1.0, 0.9),
    (3.0, 30.0, b"0", b"tail", 0.0, 0.0, 9.0, 0.0, 0.1),
    (20.0, 20.0, b"20+", b"tail", 5.0, 1.0, 5.0, 1.0, 0.4),
    (2.0, 11.0, b"20+", b"head", 2.0, 1.0, 4.0, 0.0, 0.3),
)
GOOD_NDCG = (1.0 + 1 / math.log2(4) + 0.0 + 1 / math.log2(3)) / 4
BAD_NDCG = (1 / math.log2(3)) / 4


def _feature(value):
    if isinstance(value, bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
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
    )
    split = folder / "Split-eval"
    split.mkdir()
    with tf.io.TFRecordWriter(
        str(split / "data-00000-of-00001.gz"), options="GZIP"
    ) as writer:
        for row in ROWS:
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


def _export(folder: Path, rank_feature: str) -> standard_artifacts.Model:
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def serve(examples):
        wanted = (rank_feature, "rating_given", "probability_given")
        spec = {name: tf.io.FixedLenFeature([], tf.float32) for name in wanted}
        parsed = tf.io.parse_example(examples, spec)
        return {
            "rank": parsed[rank_feature],
            "score": -parsed[rank_feature],
            "rating": parsed["rating_given"],
            "probability": parsed["probability_given"],
        }

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
    return _export(tmp_path_factory.mktemp("bad"), "rank_bad")


def _evaluate(folder, examples, config, candidate, baseline=None):
    """Runs the executor; returns (blessed, what `read_evaluation` says)."""
    evaluation = standard_artifacts.ModelEvaluation()
    evaluation.uri = str(folder / "evaluation")
    blessing = standard_artifacts.ModelBlessing()
    blessing.uri = str(folder / "blessing")
    inputs = {"examples": [examples], "model": [candidate]}
    if baseline is not None:
        inputs["baseline_model"] = [baseline]
    context = BaseBeamExecutor.Context(
        beam_pipeline_args=BEAM_ARGS, tmp_dir=str(folder), unique_id="1"
    )
    Executor(context).Do(
        inputs,
        {"evaluation": [evaluation], "blessing": [blessing]},
        {
            "eval_config": json_format.MessageToJson(
                build_eval_config(config), preserving_proto_field_name=True
            ),
            "example_splits": json.dumps(["eval"]),
        },
    )
    is_blessed = blessing.get_int_custom_property("blessed") == 1
    return is_blessed, read_evaluation(evaluation.uri)


def _config(**threshold):
    return EvaluatorConfig(
        thresholds=(MetricThreshold(metric="ndcg_at_10", **threshold),)
    )


def test_good_model_is_blessed_and_figures_follow_by_hand(
    tmp_path, examples, good
):
    is_blessed, evaluation = _evaluate(
        tmp_path, examples, _config(at_least=0.5, may_worsen_by=0.002), good
    )
    assert is_blessed
    assert evaluation["is_ok"]
    overall = evaluation["metrics"][""]["candidate"]
    assert overall["example_count"] == 4
    assert overall["recall_at_10"] == pytest.approx(3 / 4)
    assert overall["ndcg_at_10"] == pytest.approx(GOOD_NDCG)
    assert overall["mrr"] == pytest.approx((1 + 1 / 3 + 1 / 20 + 1 / 2) / 4)
    # The second row has no value: (4-3)^2, (5-5)^2, (2-4)^2 remain.
    assert overall["rmse"] == pytest.approx(math.sqrt((1 + 0 + 4) / 3))
    # Both positives (0.9, 0.4) stand above both negatives (0.1, 0.3).
    assert overall["auc"] == pytest.approx(1.0, abs=1e-3)
    tail = evaluation["metrics"]["item_bucket=tail"]["candidate"]
    assert tail["recall_at_10"] == pytest.approx(1 / 2)
    cold = evaluation["metrics"]["history_bucket=0"]["candidate"]
    assert cold["mrr"] == pytest.approx((1 + 1 / 3) / 2)
    assert "baseline" not in evaluation["metrics"][""]
    # Without a blessed model only the value threshold is left.
    (threshold,) = evaluation["thresholds"]
    assert threshold["ok"]
    assert threshold["at_least"] == 0.5
    assert threshold["value"] == pytest.approx(GOOD_NDCG)


def test_model_worse_than_the_blessed_one_is_not_blessed(
    tmp_path, examples, good, bad
):
    is_blessed, evaluation = _evaluate(
        tmp_path, examples, _config(may_worsen_by=0.002), bad, baseline=good
    )
    assert not is_blessed
    assert not evaluation["is_ok"]
    overall = evaluation["metrics"][""]
    assert overall["baseline"]["ndcg_at_10"] == pytest.approx(GOOD_NDCG)
    assert overall["candidate"]["ndcg_at_10"] == pytest.approx(BAD_NDCG)
    (threshold,) = evaluation["thresholds"]
    assert not threshold["ok"]
    assert threshold["kind"] == "change"
    assert threshold["at_least"] == pytest.approx(-0.002)
    assert threshold["value"] == pytest.approx(BAD_NDCG - GOOD_NDCG)


def test_model_as_good_as_the_blessed_one_is_blessed(tmp_path, examples, good):
    is_blessed, _ = _evaluate(
        tmp_path, examples, _config(may_worsen_by=0.0), good, baseline=good
    )
    assert is_blessed


def test_slice_below_its_threshold_blocks_although_overall_holds(
    tmp_path, examples, good
):
    config = EvaluatorConfig(
        thresholds=(
            MetricThreshold(metric="recall_at_10", at_least=0.7),
            MetricThreshold(
                metric="recall_at_10", slice="history_bucket=0", at_least=0.9
            ),
            MetricThreshold(
                metric="recall_at_10", slice="item_bucket=tail", at_least=0.7
            ),
        )
    )
    is_blessed, evaluation = _evaluate(tmp_path, examples, config, good)
    assert not is_blessed
    verdicts = {row["slice"]: row["ok"] for row in evaluation["thresholds"]}
    assert verdicts == {
        "": True,
        "history_bucket=0": True,
        "item_bucket=tail": False,
    }


def test_threshold_on_a_slice_without_examples_blocks(tmp_path, examples, good):
    is_blessed, evaluation = _evaluate(
        tmp_path,
        examples,
        _config(slice="item_bucket=unseen", at_least=0.1),
        good,
    )
    assert not is_blessed
    (threshold,) = evaluation["thresholds"]
    assert threshold["message"] == "No example belongs to this slice."


def test_lower_rmse_counts_as_better(tmp_path, examples, good):
    # RMSE is sqrt(5/3) = 1.29 whatever the ranks are.
    config = EvaluatorConfig(
        thresholds=(
            MetricThreshold(metric="rmse", at_most=1.3, may_worsen_by=0.01),
        )
    )
    is_blessed, _ = _evaluate(tmp_path, examples, config, good, baseline=good)
    assert is_blessed
    too_strict = EvaluatorConfig(
        thresholds=(MetricThreshold(metric="rmse", at_most=1.2),)
    )
    is_blessed, _ = _evaluate(tmp_path / "2", examples, too_strict, good)
    assert not is_blessed


def test_model_without_ranking_task_is_evaluated_on_ranks_alone(
    tmp_path, examples, good
):
    config = EvaluatorConfig(
        thresholds=(MetricThreshold(metric="mrr", at_least=0.4),),
        ranking_task=False,
    )
    is_blessed, evaluation = _evaluate(tmp_path, examples, config, good)
    assert is_blessed
    assert "auc" not in evaluation["metrics"][""]["candidate"]


def test_folder_without_evaluation_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="must hold an evaluation"):
        read_evaluation(str(tmp_path))
