"""TFMA metric of how many people the figures rest on."""

import hashlib
import itertools
import math
from collections.abc import Iterable
from functools import partial

import apache_beam as beam
from tensorflow_model_analysis.metrics import metric_types

from components.evaluator.config import MAX_COUNTED_USERS
from components.evaluator.model_outputs import build_computations
from components.evaluator.model_outputs import find_output
from schemas import events

# Hashes of the users; number of examples that were read, answered or not.
Accumulator = tuple[set[bytes], int]

_CANDIDATE_OUTPUT = "candidate"
_HASH_BYTES = 8  # two of 10,000 users share one with a chance of 3e-12


class _DistinctUsers(beam.CombineFn):
    """Collects the users of queries that a slate could have answered."""

    def __init__(self, key: metric_types.MetricKey):
        self._key = key

    def create_accumulator(self) -> Accumulator:
        return set(), 0

    def add_input(
        self,
        accumulator: Accumulator,
        element: metric_types.StandardMetricInputs,
    ) -> Accumulator:
        candidate = find_output(
            element, self._key.model_name, _CANDIDATE_OUTPUT
        )
        if candidate is None:
            return accumulator
        users, count = accumulator
        if candidate[0] == 1.0 and len(users) < MAX_COUNTED_USERS:
            (user_id,) = element.features[events.USER_ID].reshape(-1)
            users.add(
                hashlib.blake2b(user_id, digest_size=_HASH_BYTES).digest()
            )
        return users, count + 1

    def merge_accumulators(
        self, accumulators: Iterable[Accumulator]
    ) -> Accumulator:
        parts, counts = zip(*accumulators, strict=True)
        users = set().union(*parts)
        kept = set(itertools.islice(users, MAX_COUNTED_USERS))
        return kept, sum(counts)

    def extract_output(
        self, accumulator: Accumulator
    ) -> dict[metric_types.MetricKey, float]:
        users, count = accumulator
        return {self._key: float(len(users)) if count else math.nan}


_compute = partial(
    build_computations, _CANDIDATE_OUTPUT, _DistinctUsers, (events.USER_ID,)
)


class UserCount(metric_types.Metric):
    """Number of users with a query whose true item a slate could have shown.

    Exact up to `MAX_COUNTED_USERS`, which stands for "that many or more": a
    worker keeps no more users than that in memory, 8 bytes each, for each
    slice and model.
    """

    def __init__(self, name: str = "num_users"):
        super().__init__(_compute, name=name)
