import pytest
from pydantic import TypeAdapter
from pydantic import ValidationError

from components.behavior_example_gen.split_config import ExampleGenConfig
from components.behavior_example_gen.split_config import SplitConfig


def test_fractions_must_add_up_to_one():
    with pytest.raises(ValidationError, match=r"0\.5, 0\.1, 0\.1"):
        SplitConfig(fractions=(0.5, 0.1, 0.1))


def test_cut_points_take_dates_as_utc():
    # 2020-01-01T00:00:00Z is 1577836800 (`date -u -d 2020-01-01 +%s`).
    cuts = TypeAdapter(SplitConfig).validate_python(
        {"cut_points": ["2020-01-01", 1_600_000_000]}
    )
    assert cuts.cut_seconds() == (1_577_836_800, 1_600_000_000)


def test_cut_points_out_of_order_are_refused():
    with pytest.raises(ValidationError, match="in order of time"):
        SplitConfig(cut_points=(5, 4))


def _validate(order, method, *, has_times=False):
    columns = {"user_id": "u", "item_id": "i"}
    if has_times:
        columns["timestamp"] = "t"
    events = {"path": "e.csv", "columns": columns, "order": order}
    items = {"path": "i.csv", "columns": {"item_id": "i", "title": "t"}}
    dataset = {
        "events": events | {"default_event_type": "view"},
        "items": items,
    }
    return TypeAdapter(ExampleGenConfig).validate_python(
        {"dataset": dataset, "splits": {"method": method}}
    )


@pytest.mark.parametrize(
    ("order", "method", "has_times"),
    [
        ("time", "temporal", True),
        ("time", "leave_last", True),
        ("file", "temporal", True),
        ("file", "leave_last", True),
        ("file", "leave_last", False),
        ("none", "hold_out", False),
    ],
)
def test_splits_that_the_order_allows(order, method, has_times):
    config = _validate(order, method, has_times=has_times)
    assert config.splits.method == method


@pytest.mark.parametrize(
    ("order", "method", "has_times", "message"),
    [
        (
            "file",
            "temporal",
            False,
            r"must be leave_last where events have an order but no times "
            r"\(`events.order: file`\)\. Received: method=temporal",
        ),
        ("none", "temporal", False, "must be hold_out where events have no"),
        ("none", "leave_last", False, "must be hold_out where events have no"),
        ("time", "hold_out", True, "must be temporal or leave_last where"),
    ],
)
def test_splits_that_need_what_is_not_there(order, method, has_times, message):
    with pytest.raises(ValidationError, match=message):
        _validate(order, method, has_times=has_times)
