"""Co-occurrence in stretches of events: EASE in closed form."""

import numpy as np
import scipy.sparse as sp

from trainer.config import LinearConfig
from trainer.scoring.linear.closed_form import regress_on_others
from trainer.scoring.linear.neighbour_table import LinearModel
from trainer.scoring.linear.neighbour_table import cut_weights
from trainer.scoring.linear.sequences import Sequences
from trainer.scoring.linear.sequences import weigh_ages


def fit_co_occurrence(
    sequences: Sequences, item_rows: np.ndarray, config: LinearConfig
) -> LinearModel:
    """Fits an item-item model that forbids an item to explain itself.

    Rows are stretches of a user's events, not users: items met years apart have
    little in common. Each event is in one stretch, however many windows repeat
    it as context, so that no pair of events counts twice.

    Args:
        sequences: the windows.
        item_rows: int `[M]`, the items to model.
        config: the models' settings.

    Returns:
        One table.

    Source:
        Steck, EASE, WWW 2019, doi:10.1145/3308558.3313710.
    """
    incidence = _build_incidence(sequences, config)[:, item_rows]
    gram = (incidence.T @ incidence).toarray(order="F")
    weights = regress_on_others(gram, config.co_occurrence_l2)
    table = cut_weights(
        weights,
        item_rows,
        config.co_occurrence_half_life,
        config.num_neighbours,
    )
    prior = np.zeros(sequences.num_items, np.float32)
    return LinearModel("co_occurrence", (table,), prior)


def _build_incidence(sequences, config):
    """Incidence of items in stretches; sparse float32 `[stretches, N]`.

    An entry is the root of the stretch's weight: a stretch of weight 2 counts
    like two stretches.
    """
    stretch, items, ended_at = _cut_stretches(
        sequences, config.co_occurrence_stretch
    )
    weights = weigh_ages(ended_at, config.recency_half_life_days)
    incidence = sp.csr_array(
        (np.ones(len(items), np.float32), (stretch, items)),
        shape=(len(ended_at), sequences.num_items),
    )
    incidence.sum_duplicates()
    incidence.data[:] = np.repeat(np.sqrt(weights), np.diff(incidence.indptr))
    return incidence


def _cut_stretches(sequences, max_events):
    """Divides each user's targets, in order, into stretches of one length.

    Returns:
        The stretch of each event, its item, and when each stretch ended.
    """
    order = np.lexsort((sequences.place, sequences.ended_at, sequences.users))
    rows = sequences.rows[order]
    window, place = np.nonzero(
        sequences.is_target[order] & (rows < sequences.num_items)
    )
    _, first, user, counts = np.unique(
        sequences.users[order][window],
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    repeats = -(-counts // max_events)
    nth = np.arange(len(user)) - first[user]
    stretch = nth * repeats[user] // counts[user]
    stretch += (np.cumsum(repeats) - repeats)[user]
    ended_at = np.zeros(repeats.sum(), np.int64)
    np.maximum.at(ended_at, stretch, sequences.ended_at[order][window])
    return stretch, rows[window, place], ended_at
