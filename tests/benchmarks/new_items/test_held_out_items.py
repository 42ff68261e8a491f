import numpy as np
import pytest

from benchmarks.new_items.held_out_items import hold_out_items


@pytest.fixture
def held(small_dataset):
    # Of the first seeds, one that draws 3 of the 20 items.
    return hold_out_items(small_dataset.interactions, 5)


def _pairs(interactions):
    return set(
        zip(
            interactions.users.tolist(),
            interactions.items.tolist(),
            strict=True,
        )
    )


def test_training_meets_no_new_item(held, small_dataset):
    assert 0 < held.is_new.sum() < 10
    for part in (held.events, held.train):
        assert not held.is_new[part.items].any()
    num_new = held.is_new[small_dataset.interactions.items].sum()
    assert len(held.events.items) + num_new == 30 * 12


def test_last_event_on_a_known_item_is_held_out(held, small_dataset):
    data = small_dataset.interactions
    assert len(held.train.items) == len(held.events.items) - 30
    trained = _pairs(held.train)
    for query in range(len(held.known)):
        user = held.known.users[query]
        events = data.items[data.users == user]
        known = events[~held.is_new[events]]
        assert held.known.get_targets(query).tolist() == [known[-1]]
        assert held.known.get_history(query).tolist() == known[:-1].tolist()
        assert (user, known[-1]) not in trained


def test_the_same_queries_ask_for_all_new_items_that_a_person_met(
    held, small_dataset
):
    data = small_dataset.interactions
    assert held.new.users.tolist() == held.known.users.tolist()
    assert held.new.history.tolist() == held.known.history.tolist()
    for query in range(len(held.new)):
        events = data.items[data.users == held.new.users[query]]
        expected = events[held.is_new[events]].tolist()
        assert held.new.get_targets(query).tolist() == expected
        assert expected
    assert held.known.is_candidate.all()


def test_seeds_draw_other_items_and_the_same_halves(small_dataset):
    data = small_dataset.interactions
    one, same, other = (hold_out_items(data, seed) for seed in (5, 5, 3))
    assert (one.is_new == same.is_new).all()
    assert (one.is_new != other.is_new).any()
    halves = dict(zip(one.known.users, one.is_validation, strict=True))
    for user, half in zip(other.known.users, other.is_validation, strict=True):
        assert halves.get(user, half) == half
    assert 0 < one.is_validation.sum() < len(one.known)


def test_lots_fall_on_a_tenth_of_many_items(small_dataset):
    drawn = [
        hold_out_items(small_dataset.interactions, seed).is_new.mean()
        for seed in range(100)
    ]
    # 2000 lots: one standard deviation is 0.0067.
    assert np.mean(drawn) == pytest.approx(0.1, abs=0.02)
