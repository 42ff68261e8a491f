from serving.gateway.behavior.log.segment_log import Ticket
from serving.gateway.behavior.state.recent_ids import RecentIds
from serving.gateway.records.event import Event


def make_event(event_id, text=""):
    return Event(
        event_id=event_id, user_id="u", item_id="i", timestamp=1, text=text
    )


A, B, C = (make_event(name) for name in "abc")


def test_of_two_events_with_one_id_the_first_is_new():
    events = [A, make_event("a", "again"), B]
    assert RecentIds(10).sort_out(events, set()) == ([A, B], [])


def test_ids_that_the_state_has_seen_are_not_new():
    assert RecentIds(10).sort_out([A, B], {"a"}) == ([B], [])


def test_event_on_its_way_is_to_be_waited_for():
    recent = RecentIds(10)
    ticket = Ticket(1)
    recent.add([A], ticket)
    assert recent.sort_out([A, B], set()) == ([B], [ticket])


def test_event_whose_writing_failed_is_new_again():
    recent = RecentIds(10)
    ticket = Ticket(1)
    recent.add([A], ticket)
    ticket.failure = OSError("full")
    assert recent.sort_out([A], set()) == ([A], [])


def test_oldest_ids_are_forgotten():
    recent = RecentIds(2)
    ticket = Ticket(1)
    recent.add([A, B], ticket)
    recent.add([A], ticket)  # newer than B now
    recent.add([C], ticket)
    assert recent.sort_out([A, B, C], set())[0] == [B]
