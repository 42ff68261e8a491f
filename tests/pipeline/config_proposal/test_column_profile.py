import pytest

from pipeline.config_proposal.column_profile import profile_column


def test_missing_cells_are_counted_and_left_out():
    profile = profile_column(["a", None, "NULL", "b", "a"])
    assert profile.texts == ["a", "b", "a"]
    assert profile.share_missing == pytest.approx(0.4)
    assert profile.uniqueness == 2 / 3


def test_numbers_of_our_time_are_told_from_others():
    assert profile_column(["1600000000", "1600000001"]).is_time_number()
    assert profile_column([1_600_000_000_000]).is_time_number()
    assert not profile_column(["1", "250"]).is_time_number()
    assert not profile_column(["noon"]).is_time_number()


def test_flags_are_zero_and_one():
    assert profile_column(["0", "1", "1"]).is_flag()
    assert not profile_column(["0", "0"]).is_flag()
    assert not profile_column(["1", "2"]).is_flag()


def test_lists_are_nested_and_have_no_text():
    profile = profile_column([["a", "b"], [], ["c"]])
    assert profile.is_nested
    assert profile.numbers is None
    assert len(profile.cells) == 2
