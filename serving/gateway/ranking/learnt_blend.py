"""The weights of a blend, learnt from what people do with slates."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from serving.gateway.ranking.blend_document import read_document
from serving.gateway.ranking.blend_document import write_document
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.features import FEATURE_NAMES
from serving.gateway.ranking.features import MAX_FEATURE
from serving.gateway.ranking.ranking_config import MAX_WEIGHT
from serving.gateway.records.event import MAX_ID_LENGTH
from serving.gateway.records.exposure import Exposure

MAX_SCENARIOS = 64  # with weights of their own; the one that has learnt
# nothing for the longest time makes room

_PARAMETERS = (*FEATURE_NAMES, "intercept", "place")
_INTERCEPT = -2.0  # at first: an item at the top is acted upon with chance
# 1 / (1 + e^2) = 0.12
_PLACE = -1.0  # at first: attention falls as 1 / (1 + place)
_L2 = 0.2  # pull of a step towards where the weights started, as a share of
# the learning rate. A dislike keeps what is disliked out of sight, where no
# click can disprove it: this is what unlearns it
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

    The place stands among the inputs, for items at the top are acted upon for
    being there; `score` then asks for one place for all. What is drawn at
    random counts as much as any other item: weighing it by the inverse of its
    propensity, up to 10 or 30 times, gained nothing in the simulation of
    benchmarks/gateway_bandit.py.

    Safe in threads.

    Source:
        Position as an input that serving holds fixed: Zhao et al., RecSys
        2019, doi:10.1145/3298689.3346997, section 4.2, here linear. Attention
        of the form 1 / place: Joachims et al., WSDM 2017,
        doi:10.1145/3018661.3018699, section 5.
    """

    def __init__(self, weights: Mapping[str, float], learning_rate: float):
        """Starts from a fixed blend.

        Args:
            weights: by feature, those not named are 0; each within
                [-MAX_WEIGHT, MAX_WEIGHT].
            learning_rate: step per shown item, above 0.
        """
        prior = [weights.get(name, 0.0) for name in FEATURE_NAMES]
        self._prior = np.array([*prior, _INTERCEPT, _PLACE])
        self._learning_rate = learning_rate
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forgets all that was learnt."""
        with self._lock:
            self._shared = self._prior.copy()
            self._own: OrderedDict[str, np.ndarray] = OrderedDict()
            self._num_slates = 0

    def score(
        self,
        features: Sequence[Mapping[str, float]],
        context: RankingContext,
    ) -> list[float]:
        """Returns the log-odds of each item, were it shown at the top."""
        if not features:
            return []
        with self._lock:
            weights = self._sum_weights(context.scenario)
        return (_build_inputs(features) @ weights).tolist()

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
            self._step(exposure.scenario, inputs, gained)

    def dump(self) -> bytes:
        """Returns what was learnt as a JSON document for `load`."""
        with self._lock:
            return write_document(
                _PARAMETERS, self._num_slates, self._shared, self._own
            )

    def load(self, document: bytes) -> None:
        """Takes up what another blend has dumped, or changes nothing.

        Raises:
            ValueError: the document is damaged, or of something else.
        """
        num_slates, shared, own = read_document(_PARAMETERS, document)
        if len(own) > MAX_SCENARIOS:
            raise ValueError(
                f"A blend must have at most {MAX_SCENARIOS} scenarios. "
                f"Received: {len(own)}."
            )
        with self._lock:
            self._num_slates, self._shared, self._own = num_slates, shared, own

    def describe(self) -> dict:
        """Tells the weights, for people who watch.

        Returns:
            `num_slates` learnt from, and `weights`: by scenario, "" = those
            without weights of their own, the sum that ranks there by name.
        """
        with self._lock:
            scenarios = dict.fromkeys(["", *self._own])
            summed = {one: self._sum_weights(one) for one in scenarios}
            num_slates = self._num_slates
        return {
            "num_slates": num_slates,
            "weights": {
                scenario: dict(zip(_PARAMETERS, row.tolist(), strict=True))
                for scenario, row in summed.items()
            },
        }

    def _sum_weights(self, scenario: str) -> np.ndarray:
        own = self._own.get(scenario)
        return self._shared if own is None else self._shared + own

    def _step(
        self, scenario: str, inputs: np.ndarray, gained: np.ndarray
    ) -> None:
        """Moves shared and own weights down the gradient of the loss."""
        shared, own = self._shared, self._own.pop(scenario, None)
        if own is None:
            own = np.zeros(len(_PARAMETERS))
        logits = inputs @ (shared + own)
        chances = (1.0 + np.tanh(logits / 2.0)) / 2.0  # no overflow
        gradient = (chances - gained) @ inputs
        gradient /= max(1.0, np.linalg.norm(gradient) / _MAX_GRADIENT)
        rate = self._learning_rate
        shared = shared - rate * (gradient + _L2 * (shared - self._prior))
        self._shared = np.clip(shared, -MAX_WEIGHT, MAX_WEIGHT)
        if 0 < len(scenario) <= MAX_ID_LENGTH:
            own = own - rate * (gradient + _L2 * own)
            self._own[scenario] = np.clip(own, -MAX_WEIGHT, MAX_WEIGHT)
            while len(self._own) > MAX_SCENARIOS:
                self._own.popitem(last=False)
        self._num_slates += 1


def _build_inputs(features: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Returns float64 `[C, P]` in order of _PARAMETERS, for the top place."""
    rows = np.array(
        [[one.get(name, 0.0) for name in FEATURE_NAMES] for one in features]
    )
    rows = np.clip(np.nan_to_num(rows), -MAX_FEATURE, MAX_FEATURE)
    others = np.array([[1.0, 0.0]]).repeat(len(rows), axis=0)
    return np.concatenate([rows, others], axis=1)
