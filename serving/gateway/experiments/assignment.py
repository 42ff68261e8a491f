"""Assigns users to the arms of an experiment."""

import hashlib
import json
from bisect import bisect
from itertools import accumulate

from serving.gateway.experiments.experiment_config import ExperimentConfig

_DRAW_BYTES = 8
_NUM_DRAWS = 2**53  # as fine as a float in [0, 1) can be


def assign(experiment: ExperimentConfig, user_id: str) -> str | None:
    """Returns a user's arm: always the same, without storage.

    Two independent draws are made from the hash of the experiment's name,
    its salt and the user: one says whether the user takes part, the other in
    which arm. So `traffic` can grow without moving users between arms, and
    assignments of two experiments are independent.

    Args:
        experiment: its scenarios and end are ignored.
        user_id: an opaque id.

    Returns:
        The arm's name, or None for users outside the experiment.
    """
    key = json.dumps([experiment.name, experiment.salt, user_id])
    digest = hashlib.blake2b(key.encode(), digest_size=2 * _DRAW_BYTES)
    entry, place = (
        (int.from_bytes(half) >> 11) / _NUM_DRAWS
        for half in (
            digest.digest()[:_DRAW_BYTES],
            digest.digest()[_DRAW_BYTES:],
        )
    )
    if entry >= experiment.traffic:
        return None
    ends = list(accumulate(arm.share for arm in experiment.arms.values()))
    # Shares that sum to 1 but for rounding may leave a gap at the end.
    return list(experiment.arms)[min(bisect(ends, place), len(ends) - 1)]
