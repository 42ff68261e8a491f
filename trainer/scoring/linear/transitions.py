"""Next-item ridge regression from the decayed history."""

import numpy as np
import scipy.sparse as sp
from scipy.linalg import cho_factor
from scipy.linalg import cho_solve

from trainer.config import LinearConfig
from trainer.scoring.linear.neighbour_table import LinearModel
from trainer.scoring.linear.neighbour_table import cut_weights
from trainer.scoring.linear.sequences import Sequences
from trainer.scoring.linear.sequences import iterate_histories
from trainer.scoring.linear.sequences import weigh_ages
from trainer.scoring.linear.sequences import weigh_lags


def fit_transitions(
    sequences: Sequences, item_rows: np.ndarray, config: LinearConfig
) -> LinearModel:
    """Regresses the next item on the history at several speeds of decay.

    A fast decay models the order of items, a slow one co-occurrence. A constant
    models popularity.

    Args:
        sequences: the windows.
        item_rows: int `[M]`, the items to model.
        config: the models' settings.

    Returns:
        One table per half-life; scores estimate the chance to come next.

    Source:
        Choi et al., SLIT, WWW 2021, doi:10.1145/3442381.3450005: a linear
        model of transitions in closed form. Here every position is one row,
        with several decays side by side.
    """
    half_lives = config.transition_half_lives
    size = len(item_rows)
    width = size * len(half_lives) + 1
    gram = np.zeros((width, width), np.float32)
    moments = np.zeros((width, size), np.float32)
    weights = weigh_ages(sequences.ended_at, config.recency_half_life_days)
    blocks = zip(
        *(
            iterate_histories(sequences, weigh_lags(half_life), weights)
            for half_life in half_lives
        ),
        strict=True,
    )
    for block in blocks:
        histories, targets, weighted = _stack(block, item_rows)
        gram += (weighted.T @ histories).toarray()
        moments += (weighted.T @ targets).toarray()
    gram[np.diag_indices(width - 1)] += config.transition_l2
    gram[-1, -1] += 1e-3  # of the constant: only for invertibility
    factor = cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
    weights = cho_solve(factor, moments, overwrite_b=True, check_finite=False)
    tables = tuple(
        cut_weights(
            weights[nth * size : (nth + 1) * size],
            item_rows,
            half_life,
            config.num_neighbours,
        )
        for nth, half_life in enumerate(half_lives)
    )
    prior = np.zeros(sequences.num_items, np.float32)
    prior[item_rows] = weights[-1]
    return LinearModel("transitions", tables, prior)


def _stack(block, item_rows):
    """Puts the histories side by side, plain and times the weights.

    Returns:
        Sparse float32 histories `[P, width]`, targets `[P, M]`, weighted
        histories `[P, width]`.
    """
    _, targets, weights = block[0]
    columns = [histories[:, item_rows] for histories, *_ in block]
    constant = sp.csr_array(np.ones((len(targets), 1), np.float32))
    place = np.searchsorted(item_rows, targets)
    place = np.minimum(place, len(item_rows) - 1)
    row = np.flatnonzero(item_rows[place] == targets)
    wanted = sp.csr_array(
        (np.ones(len(row), np.float32), (row, place[row])),
        shape=(len(targets), len(item_rows)),
    )
    histories = sp.hstack([*columns, constant], format="csr")
    weighted = histories.copy()
    weighted.data *= np.repeat(weights, np.diff(histories.indptr))
    return histories, wanted, weighted
