import numpy as np
import pytest

from serving.gateway.records.item_facts import ItemFacts
from serving.may_show import build_filter
from serving.may_show import find_forbidden
from serving.may_show import may_show
from serving.query import Constraints
from tests.constraint_cases import CASES
from tests.constraint_cases import ITEMS
from tests.constraint_cases import build_constraints


def _as_posted(price):
    return price


def _as_in_the_catalogue(price):
    """A pushed catalogue holds float32, read back as a longer number."""
    return None if price is None else float(np.float32(price))


@pytest.mark.parametrize("read", [_as_posted, _as_in_the_catalogue])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_request_allows(case, read):
    constraints = build_constraints(case)
    forbidden = find_forbidden(constraints, case.history)
    facts = {
        item.item_id: ItemFacts(
            item_id=item.item_id,
            title=item.item_id,
            categories=item.categories,
            price=read(item.price),
        )
        for item in ITEMS
    }
    allowed = [
        i for i in facts if may_show(i, facts[i], constraints, forbidden)
    ]
    assert "".join(allowed) == case.allowed


def test_item_of_which_nothing_is_known_keeps_to_no_limit():
    assert may_show("?", None, Constraints(), ())
    assert not may_show("?", None, Constraints(max_price=9.0), ())
    assert not may_show("?", None, Constraints(allowed_categories=["x"]), ())


def test_filter_reads_the_constraints_once_for_all_items():
    reads = []

    class Counted(list):
        def __iter__(self):
            reads.append(1)
            return super().__iter__()

    allows = build_filter(Constraints(allowed_categories=Counted(["x"])), {"b"})
    shown = [
        item_id
        for item_id, category in (("a", "x"), ("b", "x"), ("c", "y"))
        if allows(
            item_id,
            ItemFacts(item_id=item_id, title="", categories=(category,)),
        )
    ]
    assert shown == ["a"]
    assert len(reads) == 1
