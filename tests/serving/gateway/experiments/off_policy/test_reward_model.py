import numpy as np
import pytest

from serving.gateway.experiments.off_policy.reward_model import RewardModel


def make_candidates(*values):
    return {str(i): {"model": value} for i, value in enumerate(values)}


def fit(rewards_by_fold, **fields):
    model = RewardModel(["model"], 2)
    for fold, pairs in enumerate(rewards_by_fold):
        for value, reward in pairs:
            rows = model.describe(make_candidates(value, 1 - value))
            model.observe(fold, rows[0], reward)
    model.fit()
    return model


def test_row_holds_the_features_and_the_mean_over_rivals():
    model = RewardModel(["fresh", "model"], 2)
    rows = model.describe({"a": {"model": 1.0}, "b": {"fresh": 4.0}})
    assert rows.tolist() == [[1, 0, 1, 2, 0.5], [1, 4, 0, 2, 0.5]]


def test_linear_reward_is_learnt_from_the_other_fold():
    # The folds tell of opposite rewards; each is judged by the other's.
    rising = [(v, 0.2 + 0.5 * v) for v in (0.0, 0.5, 1.0)]
    falling = [(v, 0.9 - 0.5 * v) for v in (0.0, 0.5, 1.0)]
    model = fit([rising, falling])
    rows = model.describe(make_candidates(0.2, 0.8))
    assert model.predict(0, rows) == pytest.approx([0.8, 0.5])
    assert model.predict(1, rows) == pytest.approx([0.3, 0.6])


def test_prediction_stays_a_probability():
    steep = [(v, 10 * v - 5) for v in (0.0, 0.5, 1.0)]
    model = fit([steep, steep])
    rows = model.describe(make_candidates(0.0, 1.0))
    assert model.predict(0, rows).tolist() == [0.0, 1.0]


def test_fold_without_others_predicts_0():
    model = fit([[(0.5, 1.0)], []])
    rows = model.describe(make_candidates(0.5))
    assert model.predict(0, rows).tolist() == [0.0]


def test_feature_that_never_changes_does_no_harm():
    model = RewardModel(["constant"], 2)
    rows = model.describe({"a": {"constant": 1.0}, "b": {"constant": 1.0}})
    for fold in (0, 1):
        for reward in (0.0, 1.0, 1.0, 0.0):
            model.observe(fold, rows[0], reward)
    model.fit()
    assert np.allclose(model.predict(0, rows), 0.5)
