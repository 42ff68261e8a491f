import pytest

from schemas.rating_scale import RatingScale
from schemas.rating_scale import dump_rating_scale
from schemas.rating_scale import find_rating_scale
from schemas.rating_scale import load_rating_scale


@pytest.mark.parametrize(
    ("seen", "liked", "disliked", "neither"),
    [
        ((0.5, 5.0, 4.0), [4.0, 5.0], [0.5, 2.0], [2.5, 3.5]),
        ((0.0, 1.0, 1.0), [1.0], [0.0], [0.5]),
        ((-1.0, 1.0, 1.0), [1.0], [-1.0], [0.0]),
        ((1.0, 10.0, 7.0), [7.0, 10.0], [1.0, 3.0], [4.0, 6.0]),
        ((0.0, 100.0, None), [50.0], [0.0, 24.0], [25.0, 49.0]),
        # Likes alone were seen, or no like at all.
        ((1.0, 1.0, 1.0), [1.0], [0.0], [0.5]),
        ((1.0, 1.0, None), [1.0], [0.0], [0.5]),
        ((4.0, 5.0, 4.0), [4.0], [3.0], [3.5]),
        ((0.0, 0.0, 1.0), [1.0], [0.0], [0.5]),
    ],
)
def test_likes_and_dislikes_follow_the_scale(seen, liked, disliked, neither):
    scale = find_rating_scale(*seen)
    assert [scale.is_liked(v) for v in liked] == [True] * len(liked)
    assert [scale.is_disliked(v) for v in disliked] == [True] * len(disliked)
    for value in neither:
        assert not scale.is_liked(value)
        assert not scale.is_disliked(value)
    # What the buttons say is understood.
    assert scale.is_liked(scale.highest)
    assert scale.is_disliked(scale.lowest)


def test_scale_comes_back_from_the_metadata_of_a_file():
    scale = find_rating_scale(0.0, 1.0, 1.0)
    assert load_rating_scale(dump_rating_scale(scale)) == scale
    assert load_rating_scale(None) is None
    assert load_rating_scale({b"pandas": b"{}"}) is None


def test_scale_without_a_dislike_is_refused():
    with pytest.raises(ValueError, match=r"lowest=4\.0.*positive_value=4\.0"):
        RatingScale(lowest=4.0)
