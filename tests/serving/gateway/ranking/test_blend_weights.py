import numpy as np
import pytest

from serving.gateway.ranking.blend_weights import MAX_SCENARIOS
from serving.gateway.ranking.blend_weights import MAX_VERSIONS
from serving.gateway.ranking.blend_weights import BlendState
from serving.gateway.ranking.blend_weights import BlendWeights
from serving.gateway.ranking.ranking_config import MAX_WEIGHT


def row(*values):
    return np.array(values, np.float64)


def weigh(shared, num_slates=0, **own):
    rows = {name: row(value) for name, value in own.items()}
    return BlendWeights(row(shared), rows, num_slates)


def read(weights):
    own = {name: one.tolist() for name, one in weights.own.items()}
    return weights.shared.tolist(), own, weights.num_slates


def test_scenario_ranks_by_what_all_share_and_its_own():
    weights = weigh(1.0, home=0.5)
    assert weights.sum_up("home").tolist() == [1.5]
    assert weights.sum_up("other").tolist() == [1.0]


def test_step_moves_a_copy_within_bounds():
    before = weigh(1.0, 3, a=0.5, home=1.0)
    after = before.step(row(9.0), "a", row(-9.0))
    assert read(after) == ([MAX_WEIGHT], {"home": [1.0], "a": [-MAX_WEIGHT]}, 4)
    assert read(before) == ([1.0], {"a": [0.5], "home": [1.0]}, 3)
    assert read(before.step(row(0.5), None, row(9.0)))[:2] == (
        [1.5],
        {"a": [0.5], "home": [1.0]},
    )


def test_scenario_that_learnt_nothing_for_longest_makes_room():
    weights = weigh(0.0)
    for number in (*range(MAX_SCENARIOS), 0, MAX_SCENARIOS):
        weights = weights.step(row(0.0), str(number), row(1.0))
    assert len(weights.own) == MAX_SCENARIOS
    assert "0" in weights.own
    assert "1" not in weights.own


@pytest.mark.parametrize(
    ("share", "shared", "own"), [(1.0, 3.0, 0.5), (0.5, 2.0, 0.25), (0, 1, 0)]
)
def test_another_version_begins_with_a_share_of_what_was_learnt(
    share, shared, own
):
    carried = weigh(3.0, 7, home=0.5).carry(row(1.0), share)
    assert read(carried) == ([shared], {"home": [own]}, 0)


def test_steps_of_two_that_began_alike_add_up():
    base = weigh(1.0, 10, a=0.5)
    theirs = weigh(1.25, 13, a=0.5, b=0.25)
    mine = weigh(0.5, 12, a=0.75)
    # 1.25 + 0.5 - 1, 0.5 + 0.75 - 0.5 and 13 + 12 - 10.
    found = theirs.add(mine, base)
    assert read(found) == ([0.75], {"b": [0.25], "a": [0.75]}, 15)


def test_versions_keep_apart_and_the_ones_used_last_stay():
    state = BlendState()
    for version in range(1, MAX_VERSIONS + 1):
        state = state.put(version, weigh(float(version), 1))
    state = state.put(1, weigh(1.5, 2)).put(9, weigh(9.0, 1))
    assert list(state.versions) == [3, 4, 1, 9]
    assert read(state.versions[1]) == ([1.5], {}, 2)
    assert state.num_slates == MAX_VERSIONS + 2


def test_states_add_up_version_by_version():
    base = BlendState({1: weigh(1.0, 4)}, 4)
    theirs = base.put(1, weigh(2.0, 5)).put(2, weigh(7.0, 1))
    mine = base.put(1, weigh(0.5, 5)).put(3, weigh(8.0, 1))
    found = theirs.add(mine, base)
    assert {v: read(w) for v, w in found.versions.items()} == {
        2: ([7.0], {}, 1),
        1: ([1.5], {}, 6),
        3: ([8.0], {}, 1),
    }
    assert found.num_slates == 8


def test_version_that_both_began_counts_what_each_has_learnt_since():
    base = BlendState().begin(1, weigh(1.0, 99))
    theirs = base.put(1, weigh(1.25, 1))
    mine = base.put(1, weigh(1.5, 1))
    assert read(theirs.add(mine, base).versions[1]) == ([1.75], {}, 2)


def test_state_that_was_reset_more_often_counts_alone():
    old = BlendState({1: weigh(1.0, 4)}, 4)
    fresh = BlendState(epoch=1)
    assert fresh.add(old, BlendState()) is fresh
    assert old.add(fresh, fresh) is fresh
