import pyarrow as pa
import pytest

from components.behavior_example_gen.reading.columns import time_forms


@pytest.mark.parametrize(
    ("value", "setting"),
    [
        ("11/25/2019 9:05 AM", 'timestamp_format: "%m/%d/%Y %I:%M %p"'),
        ("25/11/2019 09:05", 'timestamp_format: "%d/%m/%Y %H:%M"'),
        ("13.09.2020 12:26", 'timestamp_format: "%d.%m.%Y %H:%M"'),
        (
            "Fri Sep 15 12:26:02 -0700 2017",
            'timestamp_format: "%a %b %d %H:%M:%S %z %Y"',
        ),
        ("09 17, 2013", 'timestamp_format: "%m %d, %Y"'),
        ("01-Jan-1995", 'timestamp_format: "%d-%b-%Y"'),
        ("September 17, 2013", 'timestamp_format: "%B %d, %Y"'),
        (
            "10/Oct/2000:13:55:36 -0700",
            'timestamp_format: "%d/%b/%Y:%H:%M:%S %z"',
        ),
        ("1995", 'timestamp_format: "%Y"'),
        (1995, 'timestamp_format: "%Y"'),
        (20190930, 'timestamp_format: "%Y%m%d"'),
        (43738.375, "timestamp_unit: excel"),
        ("soon", "Allowed are seconds"),
    ],
)
def test_setting_that_reads_a_time_is_named(value, setting):
    assert setting in time_forms.suggest_setting(pa.array([value]), None)


def test_day_and_month_are_told_apart_by_all_values():
    values = pa.array(["03/04/2019", "03/13/2019", "05/06/2019"])
    found = time_forms.suggest_setting(values, None)
    assert 'timestamp_format: "%m/%d/%Y"' in found
    assert "%d/%m" not in found


def test_both_are_named_where_they_cannot_be_told_apart():
    found = time_forms.suggest_setting(pa.array(["03/04/2019"]), None)
    assert '"%m/%d/%Y"` or `timestamp_format: "%d/%m/%Y"' in found


def test_another_form_is_named_where_the_one_set_reads_nothing():
    found = time_forms.suggest_setting(pa.array(["13.09.2020"]), "%d/%m/%Y")
    assert 'timestamp_format: "%d.%m.%Y"' in found


def test_form_that_is_set_is_named_where_no_other_reads_the_value():
    found = time_forms.suggest_setting(pa.array(["unknown"]), "%Y")
    assert found == 'Times must be written as `timestamp_format: "%Y"` says.'
