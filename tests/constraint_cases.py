"""What constraints allow: the table that graph, overlay and gateway keep to.

Whoever decides on items runs `CASES` over `ITEMS`.
"""

from typing import NamedTuple

from serving.query import Constraints


class Item(NamedTuple):
    item_id: str
    categories: tuple[str, ...] = ()
    price: float | None = None


class Case(NamedTuple):
    """What a request says, and which of the items it allows."""

    allowed: str  # one letter an item
    history: tuple[str, ...] = ()
    constraints: dict = {}


_NAN = float("nan")

ITEMS = (
    Item("a", ("x",), 5.0),
    # No float32 is 19.99: catalogue and request must round it alike.
    Item("b", ("y", "z"), 19.99),
    Item("c"),
    Item("d", ("X",), 0.0),
    Item("e", ("", "x"), _NAN),
)


def _case(allowed, history=(), **constraints):
    return Case(allowed, history, constraints)


CASES = {
    "nothing said": _case("abcde"),
    "history": _case("bcde", history=("a",)),
    "history may come again": _case(
        "abcde", history=("a",), exclude_history=False
    ),
    "excluded": _case("acde", excluded_item_ids=["b"]),
    "unknown ids": _case(
        "abcde", history=("?",), excluded_item_ids=["no such item", "", "A"]
    ),
    "everything excluded": _case("", excluded_item_ids=list("abcde")),
    "one category": _case("ae", allowed_categories=["x"]),
    "one of an item's categories": _case("b", allowed_categories=["z"]),
    "two categories": _case("abe", allowed_categories=["x", "y"]),
    "case of a category": _case("d", allowed_categories=["X"]),
    "space around a category": _case("", allowed_categories=[" x"]),
    "unknown category": _case("", allowed_categories=["no such category"]),
    "unknown and known": _case("b", allowed_categories=["no such", "y"]),
    "empty category": _case("abcde", allowed_categories=[""]),
    # "" is no category: neither of a request nor of an item.
    "empty and known category": _case("b", allowed_categories=["", "y"]),
    "lower bound": _case("ab", min_price=5.0),
    "upper bound": _case("ad", max_price=5.0),
    "just above": _case("b", min_price=5.000001),
    "just below": _case("d", max_price=4.999999),
    "both bounds equal the price": _case("a", min_price=5.0, max_price=5.0),
    "price that float32 rounds": _case("b", min_price=19.99, max_price=19.99),
    "free": _case("d", min_price=0.0, max_price=0.0),
    "below nothing": _case("", max_price=-1.0),
    "inverted bounds": _case("", min_price=6.0, max_price=4.0),
    "infinite bounds": _case(
        "abd", min_price=float("-inf"), max_price=float("inf")
    ),
    "bounds that are no numbers": _case(
        "abcde", min_price=_NAN, max_price=_NAN
    ),
    "one bound that is no number": _case("ad", min_price=_NAN, max_price=5.0),
    "all at once": _case(
        "b",
        history=("a",),
        allowed_categories=["x", "y"],
        excluded_item_ids=["d"],
        min_price=1.0,
        max_price=20.0,
    ),
}


def build_constraints(case: Case) -> Constraints:
    return Constraints(**case.constraints)
