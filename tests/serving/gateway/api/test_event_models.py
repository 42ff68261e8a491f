import pytest
from pydantic import ValidationError

from serving.gateway.api.event_models import EventIn
from serving.gateway.api.event_models import UndoIn


@pytest.mark.parametrize(
    ("event_type", "is_taken"),
    [("view", True), ("seen", True), ("not_now", True), ("undo", False)],
)
def test_event_is_what_somebody_did_or_a_mark(event_type, is_taken):
    given = {"user_id": "ann", "item_id": "i", "event_type": event_type}
    if is_taken:
        assert EventIn(**given).event_type == event_type
    else:
        with pytest.raises(ValidationError, match="event_type"):
            EventIn(**given)


def test_undo_names_one_event():
    with pytest.raises(ValidationError, match="event_id"):
        UndoIn(user_id="ann", event_id="")
