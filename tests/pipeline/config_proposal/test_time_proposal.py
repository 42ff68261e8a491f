import pytest

from pipeline.config_proposal.time_proposal import propose_time


@pytest.mark.parametrize(
    ("cell", "setting"),
    [
        ("1600000000", None),
        (1_600_000_000_000, None),
        ("2020-09-13T12:26:40", None),
        ("13.09.2020 12:26", ("timestamp_format", "%d.%m.%Y %H:%M")),
        ("09 13, 2020", ("timestamp_format", "%m %d, %Y")),
        ("44087", ("timestamp_unit", "excel")),
    ],
)
def test_form_of_a_moment_is_found(cell, setting):
    found = propose_time([cell] * 3)
    assert found.days == "13 September 2020 to 13 September 2020"
    told = [(one.key, one.value) for one in found.settings]
    assert told == ([] if setting is None else [setting])


@pytest.mark.parametrize("cells", [["5", "17"], ["noon"], [["2020"]], []])
def test_what_is_no_time_of_ours_is_none(cells):
    assert propose_time(cells) is None
