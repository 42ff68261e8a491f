"""What every state store does with items and documents, of whatever kind."""

import pytest

from serving.gateway.records.item_facts import ItemFacts
from tests.serving.gateway.behavior.state.records import apply
from tests.serving.gateway.behavior.state.records import make_event


def test_items_are_replaced_and_listed_by_last_change(open_state):
    state = open_state()
    state.put_items([ItemFacts(item_id=i, title=i) for i in ("a", "b")])
    renamed = ItemFacts(
        item_id="a", title="é", categories=("x",), price=2.5, in_stock=False
    )
    state.put_items([renamed])
    state.put_items([])
    assert state.list_items() == [ItemFacts(item_id="b", title="b"), renamed]


def test_items_put_since_are_told_apart(open_state):
    state = open_state()
    assert state.find_newest_item() == 0
    a, b, c = (ItemFacts(item_id=one, title=one) for one in "abc")
    state.put_items([a, b])
    before = state.find_newest_item()
    assert state.list_items(before) == []
    apply(state, make_event(1))  # is no item
    assert state.find_newest_item() == before
    state.put_items([c])
    state.put_items([a])  # put again
    assert state.list_items(before) == [c, a]
    assert state.find_newest_item() > before
    assert state.list_items(state.find_newest_item()) == []


def test_oldest_items_leave(open_state):
    state = open_state(items=2)
    a, b, c = (ItemFacts(item_id=name, title=name) for name in "abc")
    assert [state.put_items([item]) for item in (a, b, c, b)] == [0, 0, 1, 0]
    assert state.list_items() == [c, b]
    assert state.put_items([a, b, c]) == 1
    assert state.list_items() == [b, c]


@pytest.mark.parametrize("name", ["item_id", "title", "description"])
def test_item_that_is_not_unicode_is_refused_whole(open_state, name):
    state = open_state()
    known = ItemFacts(item_id="a", title="A")
    item = ItemFacts(**{"item_id": "b", "title": "B", name: "\ud800"})
    with pytest.raises(ValueError, match="surrogates"):
        state.put_items([known, item])
    assert state.list_items() == []


def test_documents_are_bytes_under_a_name(open_state):
    state = open_state()
    assert state.load_document("weights") is None
    assert state.replace_document("weights", None, b"\0\xff old")
    assert state.replace_document("weights", b"\0\xff old", b"")
    assert state.replace_document("other", None, b"\0\xff")
    assert state.load_document("weights") == b""
    assert state.load_document("other") == b"\0\xff"


def test_document_that_another_process_replaced_stays(open_state):
    state = open_state()
    assert not state.replace_document("weights", b"1", b"2")
    assert state.load_document("weights") is None
    assert state.replace_document("weights", None, b"2")
    for before in (None, b"1", b""):
        assert not state.replace_document("weights", before, b"3")
    assert state.load_document("weights") == b"2"


def test_item_is_found_with_the_number_of_its_last_put(open_state):
    state = open_state()
    assert state.find_item("a") == (0, None)
    old, new = (ItemFacts(item_id="a", title=one) for one in ("old", "new"))
    state.put_items([old, ItemFacts(item_id="b", title="B")])
    first, found = state.find_item("a")
    assert found == old
    state.put_items([new])
    number, found = state.find_item("a")
    assert found == new
    assert number == state.find_newest_item() > first > 0


def test_item_is_replaced_unless_it_was_put_since_it_was_read(open_state):
    state = open_state()
    one, two = (ItemFacts(item_id="é", title=t) for t in ("one", "two"))
    assert state.replace_item(7, one) is None  # there is none to replace
    assert state.replace_item(0, one) == 0
    number, _ = state.find_item("é")
    assert state.replace_item(0, two) is None  # it is there by now
    assert state.replace_item(number, two) == 0
    assert state.replace_item(number, one) is None  # put since
    assert state.list_items(number) == [two]
    assert state.list_items() == [two]


def test_replaced_item_counts_for_the_bound(open_state):
    state = open_state(items=1)
    a, b = (ItemFacts(item_id=one, title=one) for one in "ab")
    assert state.replace_item(0, a) == 0
    assert state.replace_item(0, b) == 1
    assert state.list_items() == [b]


def test_deleted_item_is_kept_as_deleted(open_state):
    state = open_state()
    gone = ItemFacts(item_id="a", title="A", is_deleted=True)
    state.put_items([gone])
    assert state.find_item("a")[1] == gone
    assert state.list_items() == [gone]
