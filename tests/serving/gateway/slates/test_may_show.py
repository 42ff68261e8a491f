import pytest

from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.may_show import find_forbidden
from serving.gateway.slates.may_show import may_show
from serving.query import Constraints

_FACTS = ItemFacts(item_id="a", title="A", categories=("x",), price=5.0)


@pytest.mark.parametrize(
    ("constraints", "is_allowed"),
    [
        ({}, True),
        ({"allowed_categories": ["x", "y"]}, True),
        ({"allowed_categories": ["y"]}, False),
        ({"min_price": 5.0, "max_price": 5.0}, True),
        ({"min_price": 5.1}, False),
        ({"max_price": 4.9}, False),
    ],
)
def test_item_must_keep_to_every_constraint(constraints, is_allowed):
    given = Constraints(**constraints)
    assert may_show("a", _FACTS, given, ()) is is_allowed


def test_what_is_excluded_and_what_the_user_met_is_forbidden():
    constraints = Constraints(excluded_item_ids=["b"])
    forbidden = find_forbidden(constraints, ["c"])
    allowed = [i for i in "abc" if may_show(i, None, constraints, forbidden)]
    assert allowed == ["a"]


def test_what_the_user_met_may_come_again_where_the_request_says_so():
    constraints = Constraints(exclude_history=False)
    assert find_forbidden(constraints, ["c"]) == frozenset()


def test_item_of_which_nothing_is_known_keeps_to_no_limit():
    assert may_show("?", None, Constraints(), ())
    assert not may_show("?", None, Constraints(max_price=9.0), ())
    assert not may_show("?", None, Constraints(allowed_categories=["x"]), ())
