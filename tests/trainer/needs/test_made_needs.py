"""Needs to learn weights from."""

import numpy as np

from tests.trainer.needs.catalogue import build_items
from trainer.needs.made_needs import MadeNeeds
from trainer.scoring.linear.sequences import Sequences


def _sequences(rows):
    rows = np.array(rows, np.int32)
    return Sequences(
        rows=rows,
        is_target=rows < 5,
        ended_at=np.zeros(len(rows), np.int64),
        users=np.arange(len(rows)),
        num_items=5,
        place=np.zeros(len(rows), np.int64),
    )


def test_every_other_need_is_the_text_of_what_was_met_just_before():
    made = MadeNeeds(build_items(), _sequences([[0, 3, 5], [0, 3, 1]]), 1)
    assert made.mix([3, 3])[1] == "Scary Movie (2000). Comedy, Horror"


def test_the_others_quote_the_item():
    made = MadeNeeds(build_items(), _sequences([[5, 5]]), 1)
    needs = {made.quote([4])[0] for _ in range(50)}
    own = {"christmas", "robots", "of", "love"}
    own |= {"animation", "comedy", "about"}
    assert all(set(need.split()) <= own for need in needs)
    assert len(needs) > 3


def test_words_of_the_description_are_quoted():
    made = MadeNeeds(build_items(), _sequences([[5, 5]]), 1)
    assert any("machines rule" in made.quote([3])[0] for _ in range(50))


def test_long_need_has_half_of_its_words_from_the_description():
    own = " ".join(f"own{n}" for n in "abcdefghijklmnop")
    other = " ".join(f"other{n}" for n in "abcdefghijklmnop")
    items = build_items(descriptions=(own, other, "", "too short", ""))
    made = MadeNeeds(items, _sequences([[5, 5]]), 1)
    needs = [need.split() for need in made.describe([0] * 200)]
    assert {len(need) for need in needs} <= set(range(10, 22))
    words = [word for need in needs for word in need]
    # Half are kept; of the others, a half is drawn from the same words.
    share = np.mean([word in own.split() for word in words])
    np.testing.assert_allclose(share, 0.75, atol=0.05)


def test_item_without_a_description_gets_no_long_need():
    made = MadeNeeds(build_items(), _sequences([[5, 5]]), 1)
    assert made.describe([0, 3]) == ["", ""]


def test_item_that_nothing_came_before_is_quoted():
    made = MadeNeeds(build_items(), _sequences([[3, 5]]), 1)
    assert all(made.mix([3, 3]))


def test_same_seed_makes_the_same_needs():
    rows = [0, 1, 2, 3, 4] * 4
    first, again = (
        MadeNeeds(build_items(), _sequences([[0, 1, 2]]), 7).mix(rows)
        for _ in range(2)
    )
    assert first == again


def test_items_are_drawn_as_often_as_they_were_met():
    made = MadeNeeds(build_items(), _sequences([[0, 3, 5], [3, 3, 5]]), 1)
    drawn = np.bincount(made.draw_items(1000), minlength=5) / 1000
    np.testing.assert_allclose(drawn, [0.25, 0, 0, 0.75, 0], atol=0.06)


def test_nothing_is_drawn_where_nothing_was_met():
    made = MadeNeeds(build_items(), _sequences([[5, 5]]), 1)
    assert len(made.draw_items(10)) == 0
