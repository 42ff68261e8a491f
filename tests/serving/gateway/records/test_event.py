import pytest

from serving.gateway.records.event import Event

_FIELDS = {"event_id": "e", "user_id": "u", "item_id": "i", "timestamp": 1.0}


def test_event_is_a_view_without_value_unless_said():
    event = Event(**_FIELDS)
    assert (event.event_type, event.value) == ("view", None)


@pytest.mark.parametrize(
    ("field", "bad", "message"),
    [
        ("user_id", "", "`user_id` must be a text of 1 to 512 characters"),
        ("item_id", "x" * 513, "Received: 513"),
        ("item_id", ["i"], "Received: <class 'list'>"),
        ("event_type", "x" * 65, "`event_type` .* 1 to 64 .* Received: 65"),
        ("timestamp", float("nan"), "`timestamp` must be finite"),
        ("value", float("inf"), "`value` must be finite. Received: inf"),
    ],
)
def test_event_refuses_what_the_log_could_not_hold(field, bad, message):
    with pytest.raises(ValueError, match=message):
        Event(**{**_FIELDS, field: bad})


def test_type_of_a_later_version_is_kept_and_not_known():
    event = Event(**_FIELDS, event_type="glance")
    assert event.event_type == "glance"
    assert not event.is_known
    assert Event(**_FIELDS).is_known
