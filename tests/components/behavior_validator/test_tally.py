"""Tallies add up the same in any order."""

from components.behavior_validator.tally import MAX_OFFENDERS
from components.behavior_validator.tally import SumTallies
from components.behavior_validator.tally import Tally

PARTS = [Tally(1, 10, ("b",)), Tally(2, 5, ("c", "a")), Tally(0, 3)]


def test_counts_add_up_and_offenders_are_sorted_in_any_order():
    combine = SumTallies()
    expected = Tally(3, 18, ("a", "b", "c"))
    assert combine.merge_accumulators(PARTS) == expected
    assert combine.merge_accumulators(PARTS[::-1]) == expected
    total = combine.create_accumulator()
    for part in PARTS:
        total = combine.add_input(total, part)
    assert combine.extract_output(total) == expected


def test_number_of_offenders_is_bounded():
    names = tuple(f"{n:04}" for n in range(2 * MAX_OFFENDERS))
    total = SumTallies().merge_accumulators([Tally(1, 1, names)])
    assert total.offenders == names[:MAX_OFFENDERS]
