from collections import Counter
from random import Random

import pytest
from scipy import stats

from serving.gateway.experiments.interleaving import count_credit
from serving.gateway.experiments.interleaving import interleave


def merge(first, second, length=10, seed=0):
    return interleave({"p": first, "q": second}, length, Random(seed))


def test_each_item_is_shown_once():
    slate = merge("abcdef", "fedcba", length=6)
    assert sorted(item.item_id for item in slate) == list("abcdef")


def test_teams_pick_in_rounds():
    slate = merge("abcdef", "uvwxyz", length=6)
    for start in (0, 2, 4):
        teams = {item.team for item in slate[start : start + 2]}
        assert teams == {"p", "q"}


def test_each_team_picks_its_best_item_that_is_left():
    slate = merge("abc", "bca", length=3, seed=1)
    taken = set()
    for item in slate:
        ranking = {"p": "abc", "q": "bca"}[item.team]
        assert item.item_id == next(i for i in ranking if i not in taken)
        taken.add(item.item_id)


def test_slate_is_as_long_as_asked():
    assert len(merge("abc", "xyz", length=3)) == 3
    assert merge("abc", "xyz", length=0) == []


def test_ranking_that_ran_out_leaves_its_turns_to_the_other():
    slate = merge("a", "xyz")
    assert sorted(item.item_id for item in slate) == ["a", "x", "y", "z"]
    assert Counter(item.team for item in slate) == {"p": 1, "q": 3}


def test_two_empty_rankings_make_an_empty_slate():
    assert merge("", "") == []


def test_first_place_is_tossed_for():
    first = sum(merge("a", "x", seed=s)[0].team == "p" for s in range(1000))
    assert stats.binomtest(first, 1000).pvalue > 0.01


@pytest.mark.parametrize("second", ["abcdef", "abdcfe"])
def test_equally_good_rankings_win_equally_often(second):
    # Clicks fall on places alone, so that no ranking is better.
    random = Random(3)
    wins = Counter()
    for _ in range(4000):
        slate = interleave({"p": "abcdef", "q": second}, 6, random)
        clicked = [
            item.item_id
            for place, item in enumerate(slate)
            if random.random() < 0.5 / (place + 1)
        ]
        teams = {item.item_id: item.team for item in slate}
        credit = count_credit(teams, clicked)
        wins[(credit["p"] > credit["q"]) - (credit["p"] < credit["q"])] += 1
    assert stats.binomtest(wins[1], wins[1] + wins[-1]).pvalue > 0.01


def test_ranking_with_the_wanted_item_ahead_wins():
    random = Random(4)
    credit = Counter()
    for _ in range(400):
        slate = interleave({"p": "xabcde", "q": "abcdex"}, 4, random)
        teams = {item.item_id: item.team for item in slate}
        credit.update(count_credit(teams, ["x"]))
    # `q` would show x last: it never comes to that in 4 places.
    assert credit == {"p": 400, "q": 0}


def test_credit_of_items_that_were_not_shown_is_nobody_s():
    assert count_credit({"a": "p", "b": "q"}, ["a", "z"]) == {"p": 1, "q": 0}


def test_one_ranking_is_refused():
    with pytest.raises(ValueError, match=r"must be two\. Received: 1"):
        interleave({"p": "abc"}, 3, Random(0))
