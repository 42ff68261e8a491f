"""Compares rankings whose scores were computed in different ways."""

import numpy as np


def assert_same_order(
    one: tuple, other: tuple, atol: float = 1e-4, twins: tuple = ()
) -> None:
    """Scores agree, and so do items wherever scores tell them apart.

    Another kernel or batch size rounds otherwise: items that are nearer than
    that may change places, and the last place may go to another of them.

    Args:
        one: items and scores, each `[B, K]`, best first.
        other: likewise.
        atol: how far the scores may be apart.
        twins: groups of items that are the same.
    """
    items, scores = map(np.asarray, one)
    other_items, other_scores = map(np.asarray, other)
    np.testing.assert_allclose(scores, other_scores, atol=atol)
    names = {twin: group[0] for group in twins for twin in group}
    for row in range(len(items)):
        found = dict(zip(items[row].tolist(), scores[row], strict=True))
        for place, item in enumerate(other_items[row].tolist()):
            here = items[row].tolist()[place]
            if names.get(item, item) != names.get(here, here):
                expected = found.get(item, scores[row][-1])
                assert abs(expected - scores[row][place]) <= 2 * atol, (
                    f"place {place} of row {row}: {item} is not {here}"
                )
