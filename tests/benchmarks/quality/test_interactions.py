"""Order of events, which decides what is asked."""

import numpy as np

from benchmarks.quality.interactions import build_interactions


def test_ties_in_time_are_broken_by_user_then_item():
    ties = build_interactions(
        np.array(["b", "a", "a"]), np.array(["y", "z", "x"]), np.ones(3)
    )
    assert ties.user_ids[ties.users].tolist() == ["a", "a", "b"]
    assert ties.item_ids[ties.items].tolist() == ["x", "z", "y"]
    as_text = build_interactions(
        np.array(["u", "u"]), np.array(["9", "10"]), np.ones(2)
    )
    assert as_text.item_ids[as_text.items].tolist() == ["10", "9"]
    as_number = build_interactions(
        np.array(["u", "u"]), np.array([10, 9]), np.ones(2)
    )
    assert as_number.item_ids[as_number.items].tolist() == ["9", "10"]


def test_values_follow_their_events():
    data = build_interactions(
        np.array(["b", "a"]),
        np.array(["x", "y"]),
        np.array([2, 1]),
        np.array([4.0, 3.0]),
    )
    assert data.values.tolist() == [3.0, 4.0]
    assert data.select([False, True]).values.tolist() == [4.0]
