import pytest

from serving.gateway.records.event import Event
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.user_query import PastUser
from serving.gateway.slates.user_query import SlateRequest
from serving.gateway.slates.user_query import build_query
from serving.gateway.slates.user_query import find_usual_price
from serving.gateway.slates.user_query import widen_exclusions
from serving.query import Constraints


def _events(count: int) -> list[Event]:
    return [
        Event(
            event_id=f"e{n}",
            user_id="u",
            item_id=f"i{n}",
            timestamp=100.5 + n,
            event_type="rate",
            value=3.0,
        )
        for n in range(count)
    ]


def test_query_holds_the_newest_events_that_a_model_reads():
    request = SlateRequest(
        need="space", scenario="home", profile={"age": "9", "town": "x"}
    )
    past = PastUser(_events(300), {"age": "8", "sex": "f"})
    query = build_query(past, request, 1000.9, 300.0)
    assert len(query.item_ids) == 256
    assert (query.item_ids[0], query.item_ids[-1]) == ("i44", "i299")
    assert (query.timestamps[0], query.query_time) == (144, 1000)
    assert (query.need, query.scenario) == ("space", "home")
    assert query.profile == {"age": "9", "sex": "f", "town": "x"}


@pytest.mark.parametrize(
    ("event_type", "text", "now", "asked", "need"),
    [
        ("search", "ghosts", 150.0, "", "ghosts"),
        ("message", "ghosts", 150.0, "", "ghosts"),
        ("search", "ghosts", 150.0, "space", "space"),  # the request's own
        ("search", "ghosts", 161.0, "", ""),  # too long ago
        ("review", "so so", 150.0, "", ""),  # says nothing of the next item
        ("search", "", 150.0, "", ""),
    ],
)
def test_what_was_searched_a_moment_ago_is_the_need(
    event_type, text, now, asked, need
):
    search = Event(
        event_id="s",
        user_id="u",
        item_id="i",
        timestamp=101.0,
        event_type=event_type,
        text=text,
    )
    past = PastUser([*_events(1), search, *_events(1)])
    request = SlateRequest(need=asked)
    assert build_query(past, request, now, 60.0).need == need


def test_no_search_is_the_need_where_it_counts_at_no_time():
    search = Event(
        event_id="s",
        user_id="u",
        item_id="i",
        timestamp=130.0,  # by a clock that is ahead
        event_type="search",
        text="ghosts",
    )
    past = PastUser([search])
    assert build_query(past, SlateRequest(), 100.0, 1.0).need == "ghosts"
    assert build_query(past, SlateRequest(), 100.0, 0.0).need == ""


def test_events_beyond_the_query_are_excluded():
    wide = widen_exclusions(
        Constraints(excluded_item_ids=["x"]), _events(258), ["y", "x"]
    )
    assert wide.excluded_item_ids == ["x", "y", "i0", "i1"]


def test_history_may_come_again_where_the_caller_says_so():
    constraints = Constraints(exclude_history=False)
    wide = widen_exclusions(constraints, _events(258), ["y"])
    assert wide.excluded_item_ids == ["y"]


def test_usual_price_is_the_geometric_mean_of_known_prices():
    catalogue = Catalogue(
        ItemFacts(item_id=item_id, title="t", price=price)
        for item_id, price in (("i0", 4.0), ("i1", 9.0), ("i2", 0.0))
    )
    # sqrt(4 * 9) = 6; a price of 0 has no logarithm, i3 has no price
    assert find_usual_price(_events(4), catalogue) == pytest.approx(6.0)
    assert find_usual_price([], catalogue) is None
