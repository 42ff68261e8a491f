"""Twelve items: four have no price, half are comedies."""

import math

import pytest

from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.candidate_finder import FoundItems
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.short_slate import LIMITS
from serving.gateway.slates.short_slate import SlateRules
from serving.gateway.slates.short_slate import explain_short_slate
from serving.gateway.slates.short_slate import limit_by_model
from serving.gateway.slates.short_slate import limit_by_policy
from serving.query import Constraints
from serving.query import SlateItem

ITEMS = [
    ItemFacts(
        item_id=f"i{number:02d}",
        title=f"Film {number}",
        categories=("Comedy",) if number % 2 else ("Drama",),
        price=float(number) if number < 8 else None,
        in_stock=number != 0,
    )
    for number in range(12)
]


def _explain(answered=(), items=ITEMS, **rules):
    given = {"exclude_history": False} | rules.pop("given", {})
    found = explain_short_slate(
        items,
        SlateRules(given=Constraints(**given), **rules),
        Catalogue(items).find_in_category,
        answered,
    )
    assert all(one.rule in LIMITS for one in found)
    return [(one.left, one.text) for one in found]


def _limit(source, num_found, num_pinned=0):
    items = [
        SlateItem(item_id=f"i{n}", score=0.0, probability=None, rating=None)
        for n in range(num_found)
    ]
    found = FoundItems(source=source, version=1, items=items)
    pinned = [f"p{n}" for n in range(num_pinned)]
    return limit_by_model(found, [*(one.item_id for one in items), *pinned])


CATALOGUE = (12, "The catalogue has 12 items.")
STOCK = (11, "Only 11 of them are in stock.")


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({}, []),
        (
            {"given": {"min_price": 5.0, "max_price": math.inf}},
            [
                (7, "Only 7 of them have a price."),
                (3, "Only 3 of them cost 5 or more."),
            ],
        ),
        (
            {"given": {"min_price": 6.5, "max_price": 6.99}},
            [
                (7, "Only 7 of them have a price."),
                (0, "None of them cost 6.5 to 6.99."),
            ],
        ),
        (
            {"given": {"min_price": 7.0}},
            [
                (7, "Only 7 of them have a price."),
                (1, "Only 1 of them costs 7 or more."),
            ],
        ),
        (
            {"given": {"allowed_categories": ["War", "Horror"]}},
            [(0, "None of them are in War or Horror.")],
        ),
        (
            {"excluded_categories": ["comedies", "dramas"]},
            [(0, "All of them are in comedies or dramas.")],
        ),
        (
            {"given": {"excluded_item_ids": ["i01", "i02", "gone"]}},
            [(9, "The request excludes all but 9 of them.")],
        ),
        (
            {"need_refuses": {"i03"}, "user_refused": {"i04", "i03"}},
            [
                (10, "The need refuses all but 10 of them."),
                (9, "The user refused or has seen all but 9 of them."),
            ],
        ),
        ({"history": {"i05"}}, []),  # which may be shown again here
        (
            {"history": {"i05"}, "given": {"exclude_history": True}},
            [(10, "The user's history has all but 10 of them.")],
        ),
        (
            {"disliked": {"i05", "i06"}},
            [(9, "All but 9 of them resemble what the user dislikes.")],
        ),
    ],
)
def test_each_rule_says_how_many_it_leaves(rules, told):
    assert _explain(**rules) == [CATALOGUE, STOCK, *told]


def test_one_item_is_told_in_the_singular():
    items = [
        ItemFacts(item_id="a", title="A", categories=("Drama",), price=1.0),
        ItemFacts(item_id="b", title="B", in_stock=False),
        ItemFacts(item_id="c", title="C", in_stock=False),
    ]
    assert _explain(items=items)[1:] == [(1, "Only 1 of them is in stock.")]
    free = ItemFacts(item_id="d", title="D")
    assert _explain(
        items=[items[0], free], given={"allowed_categories": ["Drama"]}
    )[1:] == [(1, "Only 1 of them is in Drama.")]
    assert _explain(items=[items[0], free], given={"max_price": 9.0})[1:] == [
        (1, "Only 1 of them has a price.")
    ]


def test_catalogue_without_prices_is_said_to_have_none():
    free = [item for item in ITEMS if item.price is None]
    assert _explain(items=free, given={"max_price": 9.0}) == [
        (4, "The catalogue has 4 items."),
        (0, "None of them have a price."),
    ]


def test_model_and_policy_are_told_where_they_leave_less_than_the_rules():
    answered = (_limit("model", 5), limit_by_policy(2, "capped"))
    assert _explain(answered) == [
        CATALOGUE,
        STOCK,
        (5, "The model returned only 5 of them."),
        (2, "The policy capped shows only 2 of them."),
    ]
    away = (_limit("cold", 0), limit_by_policy(0, "capped"))
    assert _explain(away)[2:] == [
        (0, "The model does not answer, and its stand-in knows none of them.")
    ]


def test_pinned_items_are_told_beside_those_of_the_model():
    answered = (_limit("model", 5, 2), limit_by_policy(7, "pin"))
    assert _explain(answered)[2:] == [
        (7, "The model returned only 5 of them; 2 more are pinned.")
    ]
    away = (_limit("cold", 0, 1), limit_by_policy(1, "pin"))
    assert _explain(away)[2:] == [
        (
            1,
            "The model does not answer, and its stand-in knows none of them; "
            "1 more is pinned.",
        )
    ]


def test_without_a_catalogue_nothing_is_counted():
    assert _explain(items=[]) == []
