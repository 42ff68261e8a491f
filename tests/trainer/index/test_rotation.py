"""A basis in which the first dimensions say most of every score."""

import numpy as np
import pytest

from trainer.index.rotation import fit_rotation


def _draw(scales, seed):
    random = np.random.default_rng(seed)
    return random.normal(size=(4000, len(scales))) * scales


def test_scores_do_not_change():
    items, queries = _draw([3.0, 2.0, 1.0], 0), _draw([1.0, 1.0, 5.0], 1)
    turn = fit_rotation(items, queries.T @ queries / len(queries))
    turned = queries @ np.linalg.inv(turn).T
    np.testing.assert_allclose(
        turned[:9] @ (items @ turn)[:9].T, queries[:9] @ items[:9].T
    )


def test_direction_that_queries_take_comes_first():
    # Items vary most in the first direction, queries never look there:
    # what a direction adds to a score is 3 x 0.01, 2 x 0.01 or 1 x 5.
    items, queries = _draw([3.0, 2.0, 1.0], 0), _draw([0.01, 0.01, 5.0], 1)
    turn = fit_rotation(items, queries.T @ queries / len(queries))
    leading = (items @ turn)[:, 0]
    assert abs(np.corrcoef(leading, items[:, 2])[0, 1]) > 0.99


def test_queries_become_equally_long_in_every_direction():
    items, queries = _draw([3.0, 2.0, 1.0], 0), _draw([0.5, 1.0, 2.0], 1)
    turn = fit_rotation(items, queries.T @ queries / len(queries))
    turned = queries @ np.linalg.inv(turn).T
    moment = turned.T @ turned / len(turned)
    np.testing.assert_allclose(moment, np.eye(3), atol=0.02)


def test_queries_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"3 x 3.*\(2, 2\)"):
        fit_rotation(np.zeros([5, 3], np.float32), np.eye(2))
