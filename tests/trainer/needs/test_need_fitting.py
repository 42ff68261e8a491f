"""The weights of needs are learnt from needs that are made."""

import dataclasses

import numpy as np
import pytest

from trainer.inputs.training_data import load_training_data
from trainer.needs import need_fitting
from trainer.needs.made_needs import MadeNeeds
from trainer.needs.need_fitting import NeedTrainer
from trainer.needs.need_scorer import NeedScorer
from trainer.scoring.linear.sequences import collect_sequences


@pytest.fixture
def fit(trained, training_inputs, tiny_config):
    """Fits the weights anew, with other needs."""

    def fit(made_class=MadeNeeds, **changes):
        config = dataclasses.replace(tiny_config, **changes)
        data = load_training_data(trained.items, training_inputs, config)
        sequences = collect_sequences(data.windows, trained.items.num_items)
        needs = NeedScorer(
            trained.items, trained.model.candidate_tower.text_vectors
        )
        NeedTrainer(
            trained.model,
            trained.scorer.catalogue,
            trained.backbone,
            made_class(trained.items, sequences, seed=1),
            config,
        ).fit(needs, data.queries)
        return needs.weights.numpy()

    return fit


class _Titles(MadeNeeds):
    """Needs that are the titles of what is wanted."""

    def mix(self, rows):
        return [self._items.titles[row] for row in rows]

    quote = mix


class _OtherTitles(MadeNeeds):
    """Needs that are titles of anything."""

    def mix(self, rows):
        return [self._items.titles[row // 3] for row in rows]

    quote = mix


def test_words_count_where_they_say_what_is_wanted(fit, monkeypatch):
    monkeypatch.setattr(need_fitting, "_MIN_QUERIES", 5)
    told, misled = fit(_Titles), fit(_OtherTitles)
    # With a history, nothing is left to say: people walk in circles.
    assert told[0, 0, 3] > 2.0 * misled[0, 0, 3]


def test_too_few_queries_teach_nothing(fit, monkeypatch):
    monkeypatch.setattr(need_fitting, "_MIN_QUERIES", 10_000)
    weights = fit()
    unlearnt = np.broadcast_to((1.0, 0.001, 10.0, 3.0), [2, 2, 4])
    np.testing.assert_allclose(weights, unlearnt, rtol=1e-6)


def test_candidates_of_a_large_catalogue_are_drawn(fit, monkeypatch):
    monkeypatch.setattr(need_fitting, "_MIN_QUERIES", 5)
    monkeypatch.setattr(need_fitting, "_MAX_CANDIDATES", 10)
    weights = fit(_Titles)
    assert np.isfinite(weights).all()
    assert (weights[:, 0, 3] > 0.1).all()
