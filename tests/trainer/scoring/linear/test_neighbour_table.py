"""Item-item weights cut to the strongest."""

import numpy as np

from trainer.scoring.linear.neighbour_table import cut_weights


def test_largest_weights_are_kept_negative_ones_too():
    weights = np.array([[0.1, -5.0, 3.0], [2.0, 1.0, 0.0], [0.0, 0.5, -1.0]])
    table = cut_weights(weights, np.array([4, 7, 9]), 2.0, num_neighbours=2)
    kept = [
        dict(zip(*pair, strict=True))
        for pair in zip(
            table.neighbours.tolist(), table.weights.tolist(), strict=True
        )
    ]
    assert kept == [{7: -5.0, 9: 3.0}, {4: 2.0, 7: 1.0}, {9: -1.0, 7: 0.5}]
    assert table.item_rows.tolist() == [4, 7, 9]


def test_few_items_keep_all_their_weights():
    table = cut_weights(np.ones((2, 2)), np.arange(2), 2.0, num_neighbours=300)
    assert table.weights.shape == (2, 2)
