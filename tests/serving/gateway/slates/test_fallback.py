from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.fallback import Fallback
from serving.query import Constraints
from serving.query import SlateItem

_CATALOGUE = Catalogue(
    [
        ItemFacts(item_id="a", title="A", categories=("x",), price=1.0),
        ItemFacts(item_id="b", title="B", categories=("y",), price=5.0),
        ItemFacts(item_id="c", title="C"),
    ]
)
_COUNTS = {"a": 1.0, "b": 4.0, "c": 2.0}


def _items(*item_ids: str) -> tuple[SlateItem, ...]:
    return tuple(
        SlateItem(item_id=i, score=1.0, probability=None, rating=None)
        for i in item_ids
    )


def _find(fallback, counts=_COUNTS, history=(), **constraints):
    source, items = fallback.find(
        "u", "", counts, Constraints(**constraints), frozenset(history)
    )
    return source, [item.item_id for item in items]


def _find_kept(fallback, user_ids: str) -> str:
    """Returns those of the users whose last slates are still there."""
    nothing = {}, Constraints(), frozenset()
    return "".join(
        user_id
        for user_id in user_ids
        if fallback.find(user_id, "", *nothing)[0] == "last_known_good"
    )


def _build(max_age: float = 60.0, num_popular: int = 10) -> Fallback:
    return Fallback(_CATALOGUE, max_age, num_popular)


def test_stranger_gets_what_is_popular_most_first():
    assert _find(_build()) == ("popular", ["b", "c", "a"])


def test_last_good_slate_of_the_user_comes_before_what_is_popular():
    fallback = _build()
    fallback.keep("u", "", _items("c", "a"))
    assert _find(fallback) == ("last_known_good", ["c", "a"])


def test_last_good_slate_gives_no_reasons_out_of_another_history():
    fallback = _build()
    told = SlateItem(
        item_id="c", score=1.0, probability=0.5, rating=4.0, reasons=((7, 1.0),)
    )
    fallback.keep("u", "", (told,))
    _, items = fallback.find("u", "", {}, Constraints(), frozenset())
    assert items[0].reasons == ()
    assert items[0].rating == 4.0


def test_last_good_slate_leaves_out_what_was_met_since():
    fallback = _build()
    fallback.keep("u", "", _items("c", "a"))
    assert _find(fallback, history=["c"]) == ("last_known_good", ["a"])


def test_used_up_old_or_forgotten_slates_do_not_stand_in():
    used_up, old, forgotten = _build(), _build(max_age=-1.0), _build()
    for fallback in (used_up, old, forgotten):
        fallback.keep("u", "", _items("c"))
    forgotten.forget_user("u")
    assert _find(used_up, history=["c"]) == ("popular", ["b", "a"])
    assert _find(old)[0] == "popular"
    assert _find(forgotten)[0] == "popular"


def test_oldest_slates_leave_when_all_hold_too_many_items():
    fallback = _build()
    many = _items("c") * 70_000  # two are kept of 200,000 items
    for user_id in "uvu":
        fallback.keep(user_id, "", many)
    assert _find_kept(fallback, "uv") == "uv"  # hers has taken its own place
    fallback.keep("w", "", many)
    assert _find_kept(fallback, "uvw") == "uw"
    fallback.forget_user("u")
    fallback.keep("x", "", many)
    assert _find_kept(fallback, "uvwx") == "wx"  # what left has made room


def test_constraints_hold_for_stand_ins():
    fallback = _build()
    assert _find(fallback, allowed_categories=["x"])[1] == ["a"]
    assert _find(fallback, min_price=2.0)[1] == ["b"]
    assert _find(fallback, max_price=2.0)[1] == ["a"]
    assert _find(fallback, excluded_item_ids=["b"])[1] == ["c", "a"]
    history = _find(fallback, history=["b"], exclude_history=False)
    assert history[1] == ["b", "c", "a"]


def test_before_anybody_did_anything_the_slate_of_a_stranger_stands_in():
    fallback = _build()
    fallback.keep_cold(_items("c", "b"))
    assert _find(fallback, counts={}) == ("popular", ["c", "b"])
    assert _find(fallback, counts={"b": 1.0}) == ("popular", ["b", "c"])
