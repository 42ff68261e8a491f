import threading

import pytest

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.gateway import Gateway
from serving.gateway.kept_items import KeptItems
from serving.gateway.records.item_facts import ItemFacts

_NEW = ItemFacts(item_id="new", title="New", price=1.0)


@pytest.fixture
def gateway(config):
    gateway = Gateway(config)
    gateway.start()
    yield gateway
    gateway.close()


def test_change_goes_on_from_what_another_gateway_has_kept(gateway):
    gateway.items.put([_NEW])
    # Another gateway's put: this one has not taken it up yet.
    number, _ = gateway.store.find_item("new")
    other = ItemFacts(item_id="new", title="Other", price=1.0)
    assert gateway.store.replace_item(number, other) == 0
    changed = gateway.items.change("new", {"price": 2.0})
    assert (changed.title, changed.price) == ("Other", 2.0)
    assert gateway.items.find("new") == changed


def test_change_that_others_always_forestall_ends_with_an_error(
    gateway, monkeypatch
):
    gateway.items.put([_NEW])
    monkeypatch.setattr(BehaviorStore, "replace_item", lambda *_: None)
    with pytest.raises(OSError, match="20 changes by others"):
        gateway.items.change("new", {"price": 2.0})


def test_of_two_puts_at_once_the_one_that_is_kept_last_is_shown(
    config, monkeypatch
):
    monkeypatch.setattr("serving.gateway.gateway._ITEMS_SECONDS", 3600.0)
    gateway = Gateway(config)
    gateway.start()
    keep = BehaviorStore.put_items
    is_kept, is_other_done = threading.Event(), threading.Event()

    def keep_and_dawdle(store, items):
        dropped = keep(store, items)
        if items[0].title == "First":
            is_kept.set()
            is_other_done.wait(0.5)  # longer than the other call takes
        return dropped

    monkeypatch.setattr(BehaviorStore, "put_items", keep_and_dawdle)
    first = threading.Thread(
        target=gateway.items.put,
        args=[[ItemFacts(item_id="new", title="First")]],
    )
    first.start()
    is_kept.wait(60)
    gateway.items.put([ItemFacts(item_id="new", title="Second")])
    is_other_done.set()
    first.join()
    try:
        assert gateway.items.find("new").title == "Second"
        assert gateway.catalogue.get_title("new") == "Second"
    finally:
        gateway.close()


class _StoreThatIsAway:
    num_asked = 0

    def find_newest_item(self):
        self.num_asked += 1
        raise ConnectionError("away")


def test_state_that_is_away_is_left_alone_for_a_while(gateway):
    store = _StoreThatIsAway()
    items = KeptItems(store, gateway.catalogue, gateway.connection, print)
    items.tend()
    items.tend()
    assert store.num_asked == 1
