"""The weights of a blend, learnt from what people do with slates."""

import threading
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from serving.gateway.ranking.blend_document import read_document
from serving.gateway.ranking.blend_document import write_document
from serving.gateway.ranking.blend_weights import BlendState
from serving.gateway.ranking.blend_weights import BlendWeights
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.features import FEATURE_NAMES
from serving.gateway.ranking.features import MAX_FEATURE
from serving.gateway.records.event import MAX_ID_LENGTH
from serving.gateway.records.exposure import Exposure

_PARAMETERS = (*FEATURE_NAMES, "intercept", "place")
_INTERCEPT = -2.0  # at first: an item at the top is acted upon with chance
# 1 / (1 + e^2) = 0.12
_PLACE = -1.0  # at first: attention falls as 1 / (1 + place)
_L2 = 0.2  # pull of a step towards the initial weights, as a share of the
# learning rate. After a dislike such items are no longer shown, so no click
# can correct the weight: this pull does
_MAX_GRADIENT = 10.0  # norm; no slate moves the weights further than this
# times the learning rate


class LearntBlend:
    """Chance that a shown item is acted upon, as a logistic regression.

    Its log-odds are `w . features + intercept + p log(1 + place)`, where w is
    the sum of weights that all scenarios share and of the scenario's own.
    The model learns by stochastic gradient descent on the logistic loss, one
    step a slate, at a constant rate and pulled back to where it started: it
    forgets, and follows people who change. It starts from the weights of the
    fixed blend, so that a fresh one ranks as that does.

    The place is an input, because items at the top get more actions for their
    place; `score` uses one place for all. An item drawn at random counts as
    much as any other: weighing it by the inverse of its propensity, up to 10 or
    30 times, gained nothing in the simulation of benchmarks/gateway_bandit.py.

    Each version of the model has weights of its own, which begin with those
    that learnt last: two versions that serve at the same time do not unlearn
    each other's. Starting from zero lost slates in the simulation of
    benchmarks/gateway/model_changes.py. Several processes may learn at once:
    see `load`.

    Safe in threads.

    Source:
        Position as an input that serving holds fixed: Zhao et al., RecSys
        2019, doi:10.1145/3298689.3346997, section 4.2, here linear. Attention
        of the form 1 / place: Joachims et al., WSDM 2017,
        doi:10.1145/3018661.3018699, section 5.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        learning_rate: float,
        carried_over: float = 1.0,
    ):
        """Starts from a fixed blend.

        Args:
            weights: by feature, those not named are 0; each within
                [-MAX_WEIGHT, MAX_WEIGHT].
            learning_rate: step per shown item, above 0.
            carried_over: share, in [0, 1], of what was learnt with one
                version of the model that the next one begins with.
        """
        prior = [weights.get(name, 0.0) for name in FEATURE_NAMES]
        self._prior = np.array([*prior, _INTERCEPT, _PLACE])
        self._learning_rate = learning_rate
        self._carried_over = carried_over
        self._lock = threading.Lock()  # held while the two below change
        self._state = BlendState()
        self._base = self._state  # what others know of it

    def reset(self) -> None:
        """Forgets all that was learnt."""
        with self._lock:
            self._state = BlendState(epoch=self._state.epoch + 1)
            self._base = self._state

    def score(
        self,
        features: Sequence[Mapping[str, float]],
        context: RankingContext,
    ) -> list[float]:
        """Returns the log-odds of each item, were it shown at the top."""
        if not features:
            return []
        weights = self._find(self._state, context.model_version)
        summed = weights.sum_up(context.scenario)
        return (_build_inputs(features) @ summed).tolist()

    def learn(self, exposure: Exposure, rewards: Mapping[str, float]) -> None:
        """Takes one step on one slate.

        Args:
            exposure: what was shown; items without features are passed over.
            rewards: in [0, 1] by item id. What was shown and is not named
                was not acted upon: 0. What is named and was not shown is
                passed over.

        Raises:
            ValueError: a reward is outside [0, 1].
        """
        for reward in rewards.values():
            if not 0.0 <= reward <= 1.0:
                raise ValueError(
                    f"Rewards must be in [0, 1]. Received: {reward}."
                )
        places = [
            place for place, one in enumerate(exposure.items) if one.features
        ]
        if not places:
            return
        shown = [exposure.items[place] for place in places]
        inputs = _build_inputs([one.features for one in shown])
        inputs[:, _PARAMETERS.index("place")] = np.log1p(places)
        gained = np.array([rewards.get(one.item_id, 0.0) for one in shown])
        with self._lock:
            self._step(exposure, inputs, gained)

    def dump(self) -> bytes:
        """Returns what was learnt as a JSON document for `load`."""
        return write_document(_PARAMETERS, self._state)

    def load(self, document: bytes) -> None:
        """Loads what another blend has dumped, or changes nothing.

        What was learnt here since `load` or `note_kept` is added to it: blends
        that share a document add up their steps, as if they were one. Of two
        that were reset a different number of times the older one counts for
        nothing.

        Raises:
            ValueError: the document is damaged, or of something else.
        """
        found = read_document(_PARAMETERS, document)
        with self._lock:
            self._state = found.add(self._state, self._base)
            if found.epoch >= self._base.epoch:
                self._base = found.keep_starts(self._base, self._state)

    def note_kept(self, document: bytes) -> None:
        """Notes that a document of `dump` is what others will load."""
        kept = read_document(_PARAMETERS, document)
        with self._lock:
            if kept.epoch == self._state.epoch:
                self._base = kept.keep_starts(self._base, self._state)

    def describe(self) -> dict:
        """Returns the weights, for monitoring.

        Returns:
            `num_slates` learnt from ever; `model_version`, that of the
            weights; `num_slates_of_version`, learnt from with that one; and
            `weights`: by scenario, "" = those without weights of their own,
            the sum that ranks there by name. With several versions in use
            they are those of the version that learnt last, and
            `num_slates_by_version` tells of all.
        """
        state = self._state
        version = next(reversed(state.versions), 0)
        weights = self._find(state, version)
        return {
            "num_slates": state.num_slates,
            "model_version": version,
            "num_slates_of_version": weights.num_slates,
            "num_slates_by_version": {
                number: one.num_slates for number, one in state.versions.items()
            },
            "weights": {
                scenario: dict(
                    zip(
                        _PARAMETERS,
                        weights.sum_up(scenario).tolist(),
                        strict=True,
                    )
                )
                for scenario in dict.fromkeys(["", *weights.own])
            },
        }

    def _find(self, state: BlendState, version: int) -> BlendWeights:
        """Returns the weights of a version, or what it begins with."""
        if version in state.versions:
            return state.versions[version]
        if not state.versions:
            return BlendWeights(self._prior)
        last = next(reversed(state.versions.values()))
        # A slate of no version is the business of the one in use.
        return last.carry(self._prior, self._carried_over) if version else last

    def _step(
        self, exposure: Exposure, inputs: np.ndarray, gained: np.ndarray
    ) -> None:
        """Moves shared and own weights down the gradient of the loss."""
        version, scenario = exposure.model_version, exposure.scenario
        weights = self._find(self._state, version)
        if version not in self._base.versions:
            # What a version begins with, no process has learnt with it.
            self._base = self._base.begin(version, weights)
        shared = weights.shared
        own = weights.own.get(scenario, np.zeros(len(_PARAMETERS)))
        logits = inputs @ (shared + own)
        chances = (1.0 + np.tanh(logits / 2.0)) / 2.0  # no overflow
        gradient = (chances - gained) @ inputs
        gradient /= max(1.0, np.linalg.norm(gradient) / _MAX_GRADIENT)
        rate = self._learning_rate
        has_own = 0 < len(scenario) <= MAX_ID_LENGTH
        stepped = weights.step(
            -rate * (gradient + _L2 * (shared - self._prior)),
            scenario if has_own else None,
            -rate * (gradient + _L2 * own),
        )
        self._state = self._state.put(version, stepped)
        self._base = self._base.keep_starts(self._base, self._state)


def _build_inputs(features: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Returns float64 `[C, P]` in order of _PARAMETERS, for the top place."""
    rows = np.array(
        [[one.get(name, 0.0) for name in FEATURE_NAMES] for one in features]
    )
    rows = np.clip(np.nan_to_num(rows), -MAX_FEATURE, MAX_FEATURE)
    others = np.array([[1.0, 0.0]]).repeat(len(rows), axis=0)
    return np.concatenate([rows, others], axis=1)
