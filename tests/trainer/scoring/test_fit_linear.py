"""All linear models of a config."""

import numpy as np

from tests.trainer.scoring.linear.made_up_sequences import go_round
from trainer.config import LinearConfig
from trainer.scoring.scorer_fitting import fit_linear_models


def test_both_kinds_are_fitted():
    found = fit_linear_models(go_round(), LinearConfig(transition_l2=1.0))
    assert [m.name for m in found] == [
        "linear_co_occurrence",
        "linear_transitions",
    ]
    scores = found[1](np.array([[0, 1, 2]], np.int32)).numpy()
    assert scores[0].argmax() == 3


def test_no_model_where_there_is_none_wanted_or_nothing_to_learn():
    assert fit_linear_models(go_round(), LinearConfig(max_items=0)) == []
    assert fit_linear_models(go_round(), LinearConfig(min_count=10_000)) == []
