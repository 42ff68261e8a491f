"""What the evaluator is told of each example, beside the rank."""

import numpy as np
import tensorflow as tf

from tests.trainer.made_up_world import make_example

HISTORY = ("i12", "i13", "i14")


def test_answers_to_examples_say_whether_they_are_finite(
    serving_module,
):
    example = make_example("u1", [*HISTORY, "i15"])
    examples = tf.constant([example.SerializeToString()])
    scored = serving_module.score_examples({"examples": examples})
    assert scored["finite"].numpy().tolist() == [1.0]
    weights = serving_module._scorer.weights
    before = weights.numpy()
    weights.assign(np.full_like(before, np.nan))
    scored = serving_module.score_examples({"examples": examples})
    weights.assign(before)
    assert scored["finite"].numpy().tolist() == [0.0]
    assert scored["rank"].numpy().tolist() == [49.0]


def _judge(module, *history):
    example = make_example("u1", list(history))
    examples = tf.constant([example.SerializeToString()])
    scored = module.score_examples({"examples": examples})
    names = ("num_candidates", "candidate", "met")
    return scored["rank"].numpy()[0], [float(scored[n][0]) for n in names]


def test_item_that_comes_again_is_a_miss_unless_the_dataset_repeats(
    serving_module,
):
    # Three of 48 items were met.
    assert _judge(serving_module, *HISTORY, "i15")[1] == [45.0, 1.0, 0.0]
    rank, counts = _judge(serving_module, *HISTORY, HISTORY[0])
    assert (rank, counts) == (49.0, [45.0, 0.0, 1.0])
    serving_module.repeats = True
    try:
        rank, counts = _judge(serving_module, *HISTORY, HISTORY[0])
    finally:
        serving_module.repeats = False
    assert rank <= 48.0
    assert counts == [48.0, 1.0, 1.0]
