"""Everything beside the towers in the order of a slate."""

import dataclasses

import numpy as np
import tensorflow as tf

from tests.trainer.scoring.linear.made_up_sequences import go_round
from trainer.config import LinearConfig
from trainer.inputs.recent_windows import iterate_batches
from trainer.inputs.training_data import load_training_data
from trainer.scoring import scorer_fitting
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.linear.sequences import collect_sequences
from trainer.scoring.scorer_fitting import fit_held_out
from trainer.scoring.scorer_fitting import fit_scorers
from trainer.scoring.scorer_fitting import leave_users_out


def _score(trained, inputs, config, penalty):
    """Scores of the catalogue for a history of one event."""
    retrieval = dataclasses.replace(
        config.retrieval, popularity_penalty=penalty
    )
    config = dataclasses.replace(config, retrieval=retrieval)
    data = load_training_data(trained.items, inputs, config)
    scorer = fit_scorers(trained.model, trained.items, data, config).served
    assert (scorer.weights.numpy() > 0.0).all()
    dots = tf.zeros([1, trained.items.num_items])
    return scorer(dots, tf.zeros([1, 1], tf.int32))[0]


def test_penalty_of_the_config_lowers_what_is_popular(
    trained, training_inputs, tiny_config
):
    plain = _score(trained, training_inputs, tiny_config, 0.0)
    lowered = _score(trained, training_inputs, tiny_config, 0.5)
    counts = trained.items.counts
    np.testing.assert_allclose(
        (plain - lowered).numpy()[counts > 0],
        0.5 * np.log1p(counts[counts > 0]),
        atol=1e-3,
    )


def test_each_fold_lacks_what_its_users_did_last():
    train = go_round(num_windows=3)
    newest = dataclasses.replace(
        go_round(num_windows=4), users=np.array([7, 8, 8, 11])
    )
    folds = list(leave_users_out(train, newest))
    # Even users, then odd ones; the train split is in both.
    assert [fold.users.tolist() for fold in folds] == [
        [0, 1, 2, 7, 11],
        [0, 1, 2, 8, 8],
    ]
    for fold in folds:
        np.testing.assert_array_equal(fold.rows[:3], train.rows)


def test_weights_are_learnt_by_models_that_did_not_see_the_user(
    trained, training_inputs, tiny_config, monkeypatch
):
    """Those that are served have seen all of both splits."""
    fitted, asked = [], []
    fit, learn = scorer_fitting.fit_linear_models, scorer_fitting.learn_weights

    def note_fit(sequences, config):
        fitted.append((sequences, fit(sequences, config)))
        return fitted[-1][1]

    def note_folds(folds, batches, config):
        batches = list(batches)
        asked.append((folds, batches))
        return learn(folds, batches, config)

    monkeypatch.setattr(scorer_fitting, "fit_linear_models", note_fit)
    monkeypatch.setattr(scorer_fitting, "learn_weights", note_folds)
    data = load_training_data(trained.items, training_inputs, tiny_config)
    scorers = fit_scorers(trained.model, trained.items, data, tiny_config)
    scorer = scorers.served

    num_items = trained.items.num_items
    newest = collect_sequences(
        iterate_batches(data.recent, 128, num_items), num_items
    )
    num_train = len(collect_sequences(data.windows, num_items).users)
    ((folds, batches),) = asked
    users = np.concatenate([batch["user"].numpy() for batch in batches])
    assert set(users) <= set(newest.users)
    assert set(users % 2) == {0, 1}
    for nth, (models, (sequences, one)) in enumerate(
        zip(folds, fitted, strict=False)
    ):
        assert models is one
        added = set(sequences.users[num_train:])
        assert added == {user for user in newest.users if user % 2 != nth}
    learnt, shipped = fitted[-1]
    assert len(learnt.users) == num_train + len(newest.users)
    nothing = np.zeros(num_items, np.float32)
    rows = tf.range(num_items)[:, tf.newaxis]
    expected, held_out = (
        CatalogueScorer(
            models, scorer.weights.numpy(), nothing, nothing
        ).score_linear(rows)
        for models in (shipped, folds[0])
    )
    scores = scorer.score_linear(rows)
    np.testing.assert_array_equal(scores, expected)
    assert not np.array_equal(scores, held_out)
    # What learns more by held-out queries gets the models of the first fold.
    np.testing.assert_array_equal(scorers.held_out.score_linear(rows), held_out)


def test_no_fold_has_models_where_one_has_too_few_events():
    train = go_round(num_windows=1)
    newest = dataclasses.replace(
        go_round(num_windows=4), users=np.array([2, 2, 2, 3])
    )
    # Three events of each item a window: 6 without the even users, 12 without
    # the odd one.
    folds = list(leave_users_out(train, newest))
    both = fit_held_out(folds, LinearConfig(min_count=4))
    assert [len(models) for models in both] == [2, 2]
    assert fit_held_out(folds, LinearConfig(min_count=10)) == [[]]
    assert fit_held_out(folds, LinearConfig(min_count=100)) == [[]]


def test_towers_rank_alone_where_a_fold_has_too_few_events(
    trained, training_inputs, tiny_config
):
    data = load_training_data(trained.items, training_inputs, tiny_config)
    num_items = trained.items.num_items
    batches = iterate_batches(data.recent, 128, num_items)
    newest = collect_sequences(batches, num_items)
    train = collect_sequences(data.windows, num_items)
    # As many as the most frequent item has by all, more than any fold knows.
    least = train.join(newest).count_targets().max()
    assert all(
        fold.count_targets().max() < least
        for fold in leave_users_out(train, newest)
    )
    linear = dataclasses.replace(tiny_config.linear, min_count=int(least))
    config = dataclasses.replace(tiny_config, linear=linear)
    scorer = fit_scorers(trained.model, trained.items, data, config).served
    assert scorer.weights.shape == (1,)
    assert not len(scorer.linear_rows)
