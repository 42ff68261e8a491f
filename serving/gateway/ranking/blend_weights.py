"""The learnt weights of a blend, by version of the model.

Weights say how much the model's score counts beside other features. Another
version may score better or worse, or may already include what the blend added,
so each version has its own weights.
"""

import dataclasses
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

import numpy as np

from serving.gateway.ranking.ranking_config import MAX_WEIGHT

MAX_SCENARIOS = 64  # with weights of their own; the one that has learnt
# nothing for the longest time makes room
MAX_VERSIONS = 4  # likewise: two labels, each of which may just move on


@dataclass(frozen=True, eq=False)
class BlendWeights:
    """The weights of one version; never changed, only replaced.

    Attributes:
        shared: float64 `[P]`, of all scenarios.
        own: float64 `[P]` by scenario, on top of them; the one that learnt
            last at the end.
        num_slates: learnt from with this version.
    """

    shared: np.ndarray
    own: Mapping[str, np.ndarray] = field(default_factory=dict)
    num_slates: int = 0

    def sum_up(self, scenario: str) -> np.ndarray:
        """Returns the weights that rank in a scenario."""
        own = self.own.get(scenario)
        return self.shared if own is None else self.shared + own

    def step(
        self, shared: np.ndarray, scenario: str | None, own: np.ndarray
    ) -> "BlendWeights":
        """Returns the weights after a step.

        Args:
            shared: what is added for all scenarios.
            scenario: the one that has weights of its own; None = none has.
            own: what is added for that one.
        """
        owns = dict(self.own)
        if scenario is not None:
            before = owns.pop(scenario, 0.0)
            owns[scenario] = _clip(before + own)
        return BlendWeights(
            _clip(self.shared + shared), _trim(owns), self.num_slates + 1
        )

    def carry(self, prior: np.ndarray, share: float) -> "BlendWeights":
        """Returns the initial weights of another version of the model.

        Args:
            prior: float64 `[P]`, the initial weights of the blend.
            share: of the learnt change that is carried over.
        """
        return BlendWeights(
            prior + share * (self.shared - prior),
            {name: share * row for name, row in self.own.items()},
        )

    def add(self, mine: "BlendWeights", base: "BlendWeights") -> "BlendWeights":
        """Returns these with the steps that lie between two others."""
        owns = dict(self.own)
        for name, row in mine.own.items():
            moved = row - base.own.get(name, 0.0)
            if name in owns or moved.any():
                owns[name] = _clip(owns.pop(name, 0.0) + moved)
        return BlendWeights(
            _clip(self.shared + mine.shared - base.shared),
            _trim(owns),
            self.num_slates + mine.num_slates - base.num_slates,
        )


@dataclass(frozen=True, eq=False)
class BlendState:
    """The learnt state of a blend; never changed, only replaced.

    Attributes:
        versions: weights by version of the model, the one that learnt last at
            the end; 0 = an unknown version.
        num_slates: learnt from in total, removed versions included.
        epoch: how often it was reset.
    """

    versions: Mapping[int, BlendWeights] = field(default_factory=dict)
    num_slates: int = 0
    epoch: int = 0

    def put(self, version: int, weights: BlendWeights) -> "BlendState":
        """Returns the state with one more slate learnt from by a version."""
        versions = OrderedDict(self.versions)
        versions[version] = weights
        versions.move_to_end(version)
        return BlendState(
            _keep_last(versions, MAX_VERSIONS), self.num_slates + 1, self.epoch
        )

    def begin(self, version: int, weights: BlendWeights) -> "BlendState":
        """Returns the state with a version that has learnt nothing yet."""
        start = dataclasses.replace(weights, num_slates=0)
        versions = {**self.versions, version: start}
        return dataclasses.replace(self, versions=versions)

    def keep_starts(
        self, base: "BlendState", mine: "BlendState"
    ) -> "BlendState":
        """Returns this one as what others know of a third from now on.

        Where this one lacks a version, the start of `base` stays: without it
        nobody could tell which steps of `mine` are still to be counted.

        Args:
            base: what others knew until now.
            mine: what has the steps; its versions alone are kept.
        """
        before = base.versions if base.epoch == self.epoch else {}
        known = {**before, **self.versions}
        versions = {v: known[v] for v in mine.versions if v in known}
        return dataclasses.replace(self, versions=versions)

    def add(self, mine: "BlendState", base: "BlendState") -> "BlendState":
        """Returns this one with the steps that lie between two others.

        Of two that were reset a different number of times, the one that was
        reset more often counts alone.
        """
        if self.epoch != mine.epoch:
            return max(self, mine, key=lambda one: one.epoch)
        versions = OrderedDict(self.versions)
        for version, weights in mine.versions.items():
            start = base.versions.get(version)
            if version not in versions:
                versions[version] = weights
            elif start is not None and weights.num_slates > start.num_slates:
                versions[version] = versions[version].add(weights, start)
                versions.move_to_end(version)
        return BlendState(
            _keep_last(versions, MAX_VERSIONS),
            self.num_slates + mine.num_slates - base.num_slates,
            self.epoch,
        )


def _clip(row: np.ndarray) -> np.ndarray:
    return np.clip(row, -MAX_WEIGHT, MAX_WEIGHT)


def _trim(owns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return _keep_last(owns, MAX_SCENARIOS)


def _keep_last(found: Mapping, most: int) -> dict:
    return dict(list(found.items())[-most:])
