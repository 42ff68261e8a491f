"""The exported model answers as the evaluation says it does."""

import numpy as np
import pytest

from pipeline.report.diagnostics.rank_gains import compute_ndcg_gains
from pipeline.report.diagnostics.rank_gains import compute_recall_gains

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]


def test_ranks_give_the_figures_of_the_evaluator(evidence, measured):
    ranks = evidence.answers.ranks
    for slice_name, metrics in measured.items():
        own = ranks[evidence.test_queries.is_in_slice(slice_name)]
        assert len(own) == metrics["example_count"]
        for name, compute_gains in (
            ("ndcg_at_10", compute_ndcg_gains),
            ("recall_at_10", compute_recall_gains),
        ):
            assert compute_gains(own).mean() == pytest.approx(
                metrics[name], abs=1e-6
            )


def test_probabilities_order_successes_as_well_as_measured(evidence, measured):
    probability = evidence.answers.probability
    is_positive = evidence.test_queries.is_positive
    # The chance that a success is thought likelier than a failure.
    ahead = probability[is_positive][:, np.newaxis] - probability[~is_positive]
    auc = ((ahead > 0) + 0.5 * (ahead == 0)).mean()
    assert auc == pytest.approx(measured[""]["auc"], abs=0.01)
    assert (probability >= 0).all()
    assert (probability <= 1).all()


def test_slates_hold_ten_items_that_were_not_met(evidence):
    slates = evidence.answers.slates
    assert slates.shape == (len(evidence.test_queries.records), 10)
    for slate, met in zip(slates, evidence.test_queries.met, strict=True):
        shown = slate[slate >= 0]
        assert len(set(shown)) == len(shown) > 0
        assert not set(shown) & set(met)
