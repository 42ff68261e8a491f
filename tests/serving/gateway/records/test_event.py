import pytest

from serving.gateway.records.event import Event

_FIELDS = {"event_id": "e", "user_id": "u", "item_id": "i", "timestamp": 1.0}


def test_event_is_a_view_without_value_unless_said():
    event = Event(**_FIELDS)
    assert (event.event_type, event.value) == ("view", None)


@pytest.mark.parametrize(
    ("field", "bad", "message"),
    [
        ("user_id", "", "`user_id` must have 1 to 512 characters"),
        ("item_id", "x" * 513, "Received: 513"),
        ("event_type", "buy", "Received: 'buy'"),
        ("timestamp", float("nan"), "`timestamp` must be finite"),
        ("value", float("inf"), "`value` must be finite. Received: inf"),
    ],
)
def test_event_refuses_what_the_log_could_not_hold(field, bad, message):
    with pytest.raises(ValueError, match=message):
        Event(**{**_FIELDS, field: bad})
