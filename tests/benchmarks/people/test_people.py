"""The command's figures; that they are good, test_quality_floor.py asks."""

import yaml

from benchmarks.people import __main__ as people


def test_fits_are_counted_by_title():
    judged = {"war": ["Platoon (1986)", "Jarhead (2005)"], "boxing": ["Rocky"]}
    slates = {
        "war": ["Jarhead (2005)", "Shrek (2001)", "Platoon (1986)"],
        "boxing": ["Boxing Helena (1993)"],
    }
    assert people.count_fits(slates, judged) == {"war": 2, "boxing": 0}


def test_every_need_has_titles_that_fit_each_once():
    judged = yaml.safe_load(people._JUDGED.read_text(encoding="utf-8"))
    assert len(judged) == 23
    for titles in judged.values():
        assert all(isinstance(title, str) for title in titles)
        assert len({*titles}) == len(titles) > 0
