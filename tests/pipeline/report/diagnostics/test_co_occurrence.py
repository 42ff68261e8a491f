"""Items that the same people took are alike."""

import numpy as np
import pytest
import scipy.sparse as sp

from pipeline.report.diagnostics.co_occurrence import keep_neighbors
from pipeline.report.diagnostics.co_occurrence import normalize_rows


def _build(rows):
    return sp.csr_array(np.array(rows, np.float32))


def test_products_of_normalized_rows_are_cosines():
    unit = normalize_rows(_build([[1, 1, 0], [1, 0, 0], [0, 0, 0]]))
    cosines = (unit @ unit.T).toarray()
    # One common user: 1 / (sqrt(2) * sqrt(1)).
    assert cosines[0, 1] == pytest.approx(2**-0.5)
    assert cosines[0, 0] == pytest.approx(1)
    assert cosines[2].tolist() == [0, 0, 0]  # nobody took it


def test_user_of_many_items_counts_less():
    # Item 0 shares user 0, who took 3 items, with item 1, and user 1, who
    # took 2, with item 2.
    neighbors = keep_neighbors(
        _build([[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 0, 0]]), 3
    ).toarray()
    assert neighbors[0, 2] > neighbors[0, 1] > 0
    # Weights ln(5/4), ln(5/3), ln(5/3) of users with 3, 2 and 2 items.
    a, b = np.log(5 / 4), np.log(5 / 3)
    length = np.hypot(a, b)
    assert neighbors[0, 1] == pytest.approx(a * a / length**2)
    assert neighbors[0, 2] == pytest.approx(b * b / (length * np.hypot(b, b)))


def test_no_item_is_its_own_neighbor():
    neighbors = keep_neighbors(_build([[1, 0], [1, 0], [0, 1]]), 2)
    assert np.diag(neighbors.toarray()).tolist() == [0, 0, 0]


def test_only_the_nearest_are_kept():
    incidence = _build(np.tril(np.ones((6, 7))))
    neighbors = keep_neighbors(incidence, 2)
    assert np.diff(neighbors.indptr).max() == 2
    every = keep_neighbors(incidence, 6).toarray()
    for row, kept in enumerate(neighbors.toarray()):
        np.testing.assert_allclose(
            np.sort(kept)[-2:], np.sort(every[row])[-2:], rtol=1e-6
        )


def test_more_neighbors_than_items_are_no_error():
    assert keep_neighbors(_build([[1, 1], [1, 1]]), 100).shape == (2, 2)
