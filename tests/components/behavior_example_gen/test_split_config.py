import pytest
from pydantic import TypeAdapter
from pydantic import ValidationError

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
