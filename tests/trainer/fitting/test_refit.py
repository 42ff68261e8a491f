"""The last epochs on train and eval."""

import numpy as np

from trainer.fitting.refit import add_counts


def test_items_of_the_eval_split_are_counted(trained):
    windows = [
        {
            "rows": np.array([1, 2, trained.items.num_items], np.int32),
            "is_target": np.array([False, True, True]),
        }
    ]
    more = add_counts(trained.items, windows).counts - trained.items.counts
    assert more.nonzero()[0].tolist() == [2]


def test_nothing_more_changes_nothing(trained):
    same = add_counts(trained.items, [])
    assert same.counts.tolist() == trained.items.counts.tolist()
