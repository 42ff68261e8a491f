"""What is met in the same window: EASE over windows in closed form."""

import numpy as np
import scipy.sparse as sp

from trainer.config import LinearConfig
from trainer.scoring.linear.closed_form import regress_on_others
from trainer.scoring.linear.neighbour_table import LinearModel
from trainer.scoring.linear.neighbour_table import cut_weights
from trainer.scoring.linear.sequences import Sequences

_WINDOW = 51  # events that count as met together


def fit_co_occurrence(
    sequences: Sequences, item_rows: np.ndarray, config: LinearConfig
) -> LinearModel:
    """Fits an item-item model that forbids an item to explain itself.

    Rows are windows, not users: what was met years apart says little, and
    both ranking protocols of the quality benchmark gain.

    Args:
        sequences: the windows.
        item_rows: int `[M]`, the items to model.
        config: the models' settings.

    Returns:
        One table.

    Source:
        Steck, EASE, WWW 2019, doi:10.1145/3308558.3313710.
    """
    incidence = _build_incidence(
        sequences, sequences.weigh(config.recency_half_life_days)
    )[:, item_rows]
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


def _build_incidence(sequences, weights):
    """Which item is in which stretch of a window; sparse float32.

    An entry is the root of the window's weight: a window of weight 2 counts
    like two windows.
    """
    stretches = []
    for begin in range(0, sequences.rows.shape[1], _WINDOW):
        rows = sequences.rows[:, begin : begin + _WINDOW]
        window, place = np.nonzero(rows < sequences.num_items)
        stretch = sp.csr_array(
            (np.ones(len(window), np.float32), (window, rows[window, place])),
            shape=(len(rows), sequences.num_items),
        )
        stretch.sum_duplicates()
        stretch.data[:] = np.repeat(np.sqrt(weights), np.diff(stretch.indptr))
        stretches.append(stretch)
    return sp.vstack(stretches, format="csr")
