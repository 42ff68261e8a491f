"""Settings are chosen within the training part."""

from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.splits import split_leave_last
from benchmarks.quality.tuning import tune


@dataclass
class _Constant:
    """Always scores one item highest."""

    item: int
    num_fitted: int = 0

    def fit(self, train):
        self.num_fitted = len(train.items)

    def score(self, weights, queries):
        scores = np.zeros(weights.shape, np.float32)
        scores[:, self.item] = 1.0
        return scores


def _twenty_users_who_end_on_y_then_z():
    own = [[f"u{user}-{n}" for n in range(4)] for user in range(20)]
    items = np.array([item for mine in own for item in [*mine, "y", "z"]])
    users = np.repeat(np.arange(20), 6)
    # One user more has y and z early, so that both are candidates.
    users = np.append(users, [20] * 6)
    items = np.append(items, ["y", "z", "p", "q", "r", "s"])
    return build_interactions(users, items, np.arange(len(users)))


def test_tuning_takes_the_setting_that_predicts_the_last_training_event():
    data = _twenty_users_who_end_on_y_then_z()
    train, _ = split_leave_last(data)
    y, z = (np.flatnonzero(data.item_ids == item)[0] for item in "yz")
    best, half_life = tune([_Constant(z), _Constant(y)], train)
    assert best.item == y
    assert half_life is None
    assert best.num_fitted == len(train.items)


@dataclass
class _ByEpochs:
    """Scores another item highest after each epoch."""

    items: tuple[int, ...]
    num_epochs: int = 60
    num_fitted: int = 0

    def fit(self, train):
        for _ in self.fit_epochs(train):
            self.num_fitted = len(train.items)

    def fit_epochs(self, train):
        for epoch in range(self.num_epochs):
            self._item = self.items[min(epoch, len(self.items) - 1)]
            self.num_seen = epoch + 1
            yield epoch + 1

    def score(self, weights, queries):
        scores = np.zeros(weights.shape, np.float32)
        scores[:, self._item] = 1.0
        return scores


def test_the_number_of_epochs_is_chosen_by_the_last_training_event():
    data = _twenty_users_who_end_on_y_then_z()
    train, _ = split_leave_last(data)
    y, z = (np.flatnonzero(data.item_ids == item)[0] for item in "yz")
    # Right at the second look, after six epochs, and never again.
    best, _ = tune([_ByEpochs((z, z, z, z, z, y, z))], train)
    assert best.num_epochs == 6
    assert best.num_seen == 6
    assert best.num_fitted == len(train.items)


def test_a_protocol_can_choose_by_questions_of_its_own():
    data = _twenty_users_who_end_on_y_then_z()
    y, z = (np.flatnonzero(data.item_ids == item)[0] for item in "yz")
    # Asked about all of the data, the last events are z.
    best, _ = tune([_Constant(y), _Constant(z)], data, split=split_leave_last)
    assert best.item == z


def test_tuning_without_peers_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        tune([], _twenty_users_who_end_on_y_then_z())
