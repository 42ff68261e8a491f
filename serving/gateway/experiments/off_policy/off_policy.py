"""Estimates the value of a new ranking policy from logs of another."""

import math
import zlib
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

from serving.gateway.experiments.off_policy.reward_model import RewardModel
from serving.gateway.experiments.ratio import compute_ratio
from serving.gateway.experiments.slate_log import JudgedSlate
from serving.gateway.experiments.user_totals import Moments
from serving.gateway.experiments.user_totals import UserTotals

ALPHA = 0.05  # chance that an interval misses the true value

# Item id to its features, for every item that may be shown, to the chance of
# each to be shown; what is left out has chance 0.
TargetPolicy = Callable[
    [Mapping[str, Mapping[str, float]]], Mapping[str, float]
]

_NUM_FOLDS = 5
_MIN_SAMPLE_SIZE = 30  # effective slates, below which sums are not normal
_MAX_ERRORS = 4  # standard errors that the mean weight may be off 1
_ROUNDING = 1e-6

# Sums per user.
_SLATES, _REWARD, _IPS, _WEIGHT, _CLIPPED, _CLIPPED_WEIGHT, _DR, _GAIN = range(
    8
)


@dataclass(frozen=True, kw_only=True)
class PolicyValue:
    """Successes per slate, or a difference of such, in 95% of cases within."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class OffPolicyEstimate:
    """The estimates for a new policy.

    Attributes:
        num_slates: slates whose explored place is known.
        effective_sample_size: the number of the new policy's own slates with
            the same information.
        mean_weight: 1 but for chance, if the logs fit the new policy.
        max_weight: where the weights of `self_normalised` are cut.
        logged: what the logged policies achieved.
        ips: unbiased; varies much.
        self_normalised: varies less, slightly biased.
        doubly_robust: unbiased, and the closer the better features explain
            success: the one to read.
        gain: `doubly_robust` less `logged`, slate by slate.
    """

    num_slates: int
    num_users: int
    effective_sample_size: float
    mean_weight: float
    max_weight: float
    logged: PolicyValue
    ips: PolicyValue
    self_normalised: PolicyValue
    doubly_robust: PolicyValue
    gain: PolicyValue


@dataclass(frozen=True)
class _Decision:
    """One place that was filled at random, and whether the slate succeeded."""

    user_id: str
    candidates: Mapping[str, Mapping[str, float]]
    item_id: str
    propensity: float
    reward: float

    @property
    def fold(self) -> int:
        return zlib.crc32(self.user_id.encode()) % _NUM_FOLDS


def estimate_policy(
    slates: Iterable[JudgedSlate],
    policy: TargetPolicy,
    scenario: str | None = None,
) -> OffPolicyEstimate:
    """Estimates the share of slates that succeed under a new policy.

    The new policy fills the place that the logged one explores, and chooses
    from the same items; the places before it stay as logged, those after it
    follow from the choice as logged. For a policy that would change all places,
    only that place is evaluated.

    Slates of policies that never explore have no such place and do not count.
    All others do, explored or not: the greedy choice was drawn too, with the
    chance that is logged for it.

    Args:
        slates: read twice.
        policy: the new one.
        scenario: slates that count; None = all.

    Raises:
        ValueError: the logs cannot tell: nothing was explored, or not what
            the new policy would choose, or the logged propensities are wrong;
            or `policy` gives no probabilities.

    Source:
        Dudik, Langford, Li, ICML 2011, arXiv:1103.4601 (IPS and doubly
        robust; the reward model is fitted to other users); Swaminathan and
        Joachims, NIPS 2015 (self-normalised); weights cut at the root of the
        number of slates: Ionides 2008, doi:10.1198/106186008X320456.
        Intervals are normal, with users as the unit.
    """
    model, num_slates = _fit_model(slates, scenario)
    max_weight = math.sqrt(num_slates)
    weight_squares = 0.0
    with UserTotals(8) as totals:
        for decision in _read_decisions(slates, scenario):
            chances = _ask(policy, decision.candidates)
            weight = chances.get(decision.item_id, 0.0) / decision.propensity
            weight_squares += weight**2
            robust = _correct(model, decision, chances, weight)
            clipped = min(weight, max_weight)
            reward = decision.reward
            totals.add(
                decision.user_id,
                "",
                (
                    1.0,
                    reward,
                    weight * reward,
                    weight,
                    clipped * reward,
                    clipped,
                    robust,
                    robust - reward,
                ),
            )
        moments = totals.compute_moments()[0][""]
    sample_size = _check_support(moments, weight_squares)
    return OffPolicyEstimate(
        num_slates=num_slates,
        num_users=moments.num_users,
        effective_sample_size=sample_size,
        mean_weight=compute_ratio(moments, _WEIGHT, _SLATES).value,
        max_weight=max_weight,
        logged=_read_value(moments, _REWARD),
        ips=_read_value(moments, _IPS),
        self_normalised=_read_value(moments, _CLIPPED, _CLIPPED_WEIGHT),
        doubly_robust=_read_value(moments, _DR),
        gain=_read_value(moments, _GAIN),
    )


def _fit_model(slates, scenario) -> tuple[RewardModel, int]:
    """Returns the reward model and the number of slates that count."""
    model = None
    num_slates = 0
    has_drawn = False
    for decision in _read_decisions(slates, scenario):
        if model is None:
            first = decision.candidates.values()
            names = {name for features in first for name in features}
            model = RewardModel(sorted(names), _NUM_FOLDS)
        rows = model.describe(decision.candidates)
        shown = list(decision.candidates).index(decision.item_id)
        model.observe(decision.fold, rows[shown], decision.reward)
        num_slates += 1
        has_drawn |= decision.propensity < 1
    if model is None or not has_drawn:
        raise ValueError(
            "logs must hold slates of a policy that explores, which say "
            f"nothing of another otherwise. Received: {num_slates} slates "
            "with candidates, none of them drawn with a chance below 1."
        )
    model.fit()
    return model, num_slates


def _read_decisions(slates, scenario) -> Iterator[_Decision]:
    for slate in slates:
        exposure = slate.exposure
        place = exposure.explored_position
        if place < 0 or scenario not in (None, exposure.scenario):
            continue
        if place >= len(exposure.items):
            raise ValueError(
                f"`explored_position` must be below {len(exposure.items)}, "
                f"the slate's length. Received: {place}, in slate "
                f"{exposure.slate_id!r}."
            )
        item = exposure.items[place]
        if (
            item.item_id not in exposure.candidates
            or not 0 < item.propensity <= 1
        ):
            raise ValueError(
                "the item at `explored_position` must be a candidate with a "
                f"propensity in (0, 1]. Received: {item.propensity}, in slate "
                f"{exposure.slate_id!r}."
            )
        yield _Decision(
            exposure.user_id,
            exposure.candidates,
            item.item_id,
            item.propensity,
            float(bool(slate.succeeded)),
        )


def _ask(policy, candidates) -> Mapping[str, float]:
    chances = policy(candidates)
    if (
        abs(math.fsum(chances.values()) - 1) > _ROUNDING
        or min(chances.values()) < 0
        or not chances.keys() <= candidates.keys()
    ):
        raise ValueError(
            "`policy` must give chances of candidates that sum to 1. "
            f"Received: {dict(chances)}."
        )
    return chances


def _correct(model, decision, chances, weight) -> float:
    """Returns the doubly robust estimate of one slate."""
    fold = decision.fold
    rows = model.describe(decision.candidates)
    expected = dict(
        zip(decision.candidates, model.predict(fold, rows), strict=True)
    )
    mean = math.fsum(
        chance * expected[item_id] for item_id, chance in chances.items()
    )
    return mean + weight * (decision.reward - expected[decision.item_id])


def _check_support(moments: Moments, weight_squares: float) -> float:
    """Returns the effective sample size, if the logs fit the policy."""
    total = float(moments.sums[_WEIGHT])
    sample_size = total**2 / weight_squares if weight_squares else 0.0
    if sample_size < _MIN_SAMPLE_SIZE:
        raise ValueError(
            "the logged policy must have shown what the new one would choose, "
            f"in {_MIN_SAMPLE_SIZE} effective slates at least: explore more, "
            f"or longer. Received: {sample_size:.1f}."
        )
    weight = compute_ratio(moments, _WEIGHT, _SLATES)
    error = math.sqrt(weight.variance)
    if abs(weight.value - 1) > _MAX_ERRORS * error + _ROUNDING:
        raise ValueError(
            "the mean weight must be 1 but for chance: below, too little was "
            "drawn of what the new policy would choose, so explore more, or "
            "longer; above, logged propensities are wrong. Received: "
            f"{weight.value:.3f} +- {error:.3f}."
        )
    return sample_size


def _read_value(moments, column, base=_SLATES) -> PolicyValue:
    ratio = compute_ratio(moments, column, base)
    low, high = ratio.interval(ALPHA)
    return PolicyValue(value=ratio.value, low=low, high=high)
