"""The count of one check; counts add up across batches and machines."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field

import apache_beam as beam
from typing_extensions import override

MAX_OFFENDERS = 100  # kept per check while counting; the report shows fewer


@dataclass(frozen=True)
class Tally:
    """Offending rows among all rows that a check looked at."""

    count: int = 0
    population: int = 0
    offenders: tuple[str, ...] = field(default=())  # smallest first


class SumTallies(beam.CombineFn):
    """Adds tallies, keeps the first offenders in the order of the alphabet.

    The order makes the report the same whatever the order of the bundles.
    """

    @override
    def create_accumulator(self) -> Tally:
        return Tally()

    @override
    def add_input(self, accumulator: Tally, element: Tally) -> Tally:
        return self.merge_accumulators((accumulator, element))

    @override
    def merge_accumulators(self, accumulators: Iterable[Tally]) -> Tally:
        tallies = tuple(accumulators)
        offenders = {name for tally in tallies for name in tally.offenders}
        return Tally(
            sum(tally.count for tally in tallies),
            sum(tally.population for tally in tallies),
            tuple(heapq.nsmallest(MAX_OFFENDERS, offenders)),
        )

    @override
    def extract_output(self, accumulator: Tally) -> Tally:
        return accumulator
