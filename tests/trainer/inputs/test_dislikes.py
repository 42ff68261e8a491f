"""What a dislike is, and windows without them."""

import numpy as np
import pytest
import tensorflow as tf

from schemas.rating_scale import RatingScale
from trainer.inputs.dislikes import DislikeRule
from trainer.inputs.dislikes import build_dislike_rule
from trainer.inputs.dislikes import find_dislikes
from trainer.inputs.dislikes import find_liked
from trainer.inputs.dislikes import forget_dislikes

_RATE, _VIEW, _SKIP = 0, 1, 2
_STARS = DislikeRule((_RATE,), (_SKIP,), lowest=0.5, positive=4.0)
_THUMBS = DislikeRule((_RATE,), (), lowest=0.0, positive=1.0)


def _rated(values, event_type=_RATE, length=None):
    """One window, and the request as its last event."""
    values = [*values, np.nan]
    values = np.array(values, np.float32)[np.newaxis]
    known = ~np.isnan(values)
    return {
        "event_type": tf.fill(values.shape, event_type),
        "value": tf.constant(np.where(known, values, 0.0)),
        "has_value": tf.constant(known.astype(np.float32)),
        "mask": tf.range(values.shape[1])[tf.newaxis]
        < (length or values.shape[1]),
    }


def _find(values, rule=_STARS, **window):
    found = find_dislikes(_rated(values, **window), rule).numpy()[0]
    return found[:-1].tolist()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.5, True), (2.0, True), (2.5, False), (3.0, False), (4.0, False)],
)
def test_first_rating_of_a_person_is_read_by_the_scale(value, expected):
    assert _find([value]) == [expected]


def test_zero_of_zero_and_one_is_a_dislike_whatever_the_person_gives():
    assert _find([0.0], _THUMBS) == [True]
    assert _find([0.0] * 9, _THUMBS) == [True] * 9
    assert _find([1.0] * 9 + [0.0], _THUMBS) == [False] * 9 + [True]


def test_a_middling_rating_is_a_dislike_of_who_gives_five_alone():
    assert _find([5.0] * 20 + [2.5])[-1]
    assert not _find([3.0] * 20 + [2.5])[-1]


def test_a_like_is_no_dislike_however_generous_the_person():
    assert not _find([100.0] * 50 + [4.0])[-1]


def test_values_of_other_events_are_no_ratings():
    assert _find([0.5, 0.5], event_type=_VIEW) == [False, False]


def test_a_refusal_needs_no_value():
    assert _find([np.nan, 5.0], event_type=_SKIP) == [True, True]


def test_padding_is_no_dislike_and_does_not_count():
    # 2.4 is low for who gives fives, and padding of fives is no giving.
    window = _rated([2.4, *[5.0] * 40], length=2)
    assert not find_dislikes(window, _STARS).numpy().any()
    window["mask"] = tf.ones_like(window["mask"])
    assert find_dislikes(window, _STARS).numpy()[0, 0]


def test_the_label_is_judged_by_the_others_alone():
    window = _rated([3.0] * 8)
    values = window["value"].numpy()
    for label in (0.5, 5.0):
        values[0, -1] = label
        known = np.ones_like(values)
        found = find_dislikes(
            {**window, "value": values, "has_value": tf.constant(known)},
            _STARS,
        )
        assert found.numpy()[0].tolist() == [False] * 8 + [label < 2.0]


def _batch(disliked):
    disliked = tf.constant(disliked)
    shape = disliked.shape
    numbers = tf.reshape(tf.range(shape.num_elements()), shape)
    batch = dict.fromkeys(
        ("rows", "event_type", "gap", "scenario", "timestamp"), numbers
    )
    floats = tf.cast(numbers, tf.float32)
    batch |= dict.fromkeys(("value", "has_value", "positive"), floats)
    return batch | {
        "mask": tf.ones(shape, tf.bool),
        "is_target": tf.ones(shape, tf.bool),
        "disliked": disliked,
        "liked": ~disliked,
        "older_rows": tf.fill([shape[0], 1], 50),
        "user": tf.constant([[7]] * shape[0]),
    }


def test_windows_close_up_and_what_was_disliked_stays_met():
    batch = _batch([[False, True, False, True]])
    found = forget_dislikes(batch, num_items=99)
    assert found["rows"].numpy().tolist() == [[0, 2, 3, 99]]
    assert found["value"].numpy().tolist() == [[0.0, 2.0, 3.0, 0.0]]
    assert found["mask"].numpy().tolist() == [[True, True, True, False]]
    assert found["is_target"].numpy().tolist() == found["mask"].numpy().tolist()
    assert found["places"].numpy()[0, :3].tolist() == [0, 2, 3]
    assert found["disliked_rows"].numpy().tolist() == [[99, 1, 99, 99]]
    assert found["older_rows"].numpy().tolist() == [[50, 99, 1, 99, 99]]
    assert found["user"].numpy().tolist() == [[7]]


def test_what_speaks_for_an_item_later_takes_its_dislike_back():
    batch = _batch([[True, False, True, False, False]])
    batch["rows"] = tf.constant([[7, 7, 8, 9, 8]])
    found = forget_dislikes(batch, num_items=99)
    # The last event is the label: it says nothing yet.
    assert found["disliked_rows"].numpy().tolist() == [[99, 99, 8, 99, 99]]
    assert found["older_rows"].numpy().tolist() == [[50, 7, 99, 8, 99, 99]]
    # What was liked before, and is disliked now, is disliked.
    batch["disliked"] = tf.constant([[False, True, False, False, False]])
    found = forget_dislikes(batch, num_items=99)
    assert found["disliked_rows"].numpy().tolist() == [[99, 7, 99, 99, 99]]


def _like(values, rule, **window):
    return find_liked(_rated(values, **window), rule).numpy()[0, :-1].tolist()


def test_likes_are_what_the_scale_says_and_all_that_is_no_rating():
    assert _like([0.5, 3.5, 4.0, 5.0], _STARS) == [False, False, True, True]
    assert _like([0.5, np.nan], _STARS, event_type=_VIEW) == [True, True]
    assert _like([0.5, np.nan], _STARS, event_type=_SKIP) == [False, False]
    assert _like([0.5], None) == [True]
    # They are told where nobody heeds dislikes, too.
    touch = _STARS._replace(is_heeded=False)
    assert _like([0.5, 5.0], touch) == [False, True]
    assert _find([0.5, 5.0], touch) == [False, False]


def test_a_like_is_none_by_rounding():
    rule = DislikeRule((_RATE,), (), lowest=-1.5, positive=0.5 + 1e-6)
    assert _like([0.5], rule) == [True]
    assert not _find([9.0] * 30 + [0.5], rule)[-1]


def test_no_example_at_all_passes():
    batch = _batch(np.zeros((0, 3), bool))
    found = forget_dislikes(batch, num_items=99)
    assert found["rows"].shape == (0, 3)


def test_rule_is_that_of_the_ratings_as_transform_scales_them(training_inputs):
    # Values are 3, 4, 5 and 3: mean 3.75, variance 0.6875.
    scale = RatingScale(lowest=1.0, highest=5.0, positive_value=4.0)
    transform = training_inputs.transform
    rule = build_dislike_rule(transform, scale, "like")
    assert rule.rating_types == (0,)
    assert rule.refusal_types == ()
    np.testing.assert_allclose(
        [rule.lowest, rule.positive],
        (np.array([1.0, 4.0]) - 3.75) / np.sqrt(0.6875),
        rtol=1e-4,
    )
    assert rule.is_heeded
    touch = build_dislike_rule(transform, scale, "touch")
    assert touch == rule._replace(is_heeded=False)
    assert build_dislike_rule(transform, None, "like") is None
