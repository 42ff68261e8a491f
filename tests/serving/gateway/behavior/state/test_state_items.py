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
