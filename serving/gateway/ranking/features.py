"""The features of each candidate for the blend, on one scale."""

import math
from collections.abc import Sequence
from typing import Literal
from typing import get_args

import numpy as np

from schemas.signatures import UNKNOWN_ITEM_SCORE
from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.context import RankingContext

FeatureName = Literal[
    "model",
    "probability",
    "popularity",
    "newcomer_popularity",
    "freshness",
    "price_fit",
]
FEATURE_NAMES: tuple[FeatureName, ...] = get_args(FeatureName)
MAX_FEATURE = 4.0  # in absolute value

_DAY = 86_400.0  # seconds
_FRESHNESS_DAYS = 30.0  # after these an item is 1/e as fresh
_NEWCOMER_EVENTS = 5.0  # a user with these is half a newcomer
_LEAST_SPREAD = 0.05  # below it differences are noise; not for `model`,
# whose unit is the model's own
_MAX_LOGIT = 10.0


def compute_features(
    candidates: Sequence[Candidate], context: RankingContext
) -> list[dict[str, float]]:
    """Describes every candidate by the features that the blend weighs.

    A feature counts standard deviations from the mean of the request's
    candidates, so that a weight means the same for every feature, request
    and version of the model. An unknown value is 0, which changes nothing.
    Before that,

    - `model` is the score,
    - `probability` is the log-odds of the chance of a positive event, unknown
      where the user asked for something in words: that is what counts then,
    - `popularity` is log(1 + count), and `newcomer_popularity` the same for
      users without a history, fading as theirs grows,
    - `freshness` is 1 at birth and 1/e after 30 days,
    - `price_fit` is the smaller one of price and usual price over the larger.

    A score that is no finite number, or that says "unknown item", is the
    worst there is: -MAX_FEATURE.

    Returns:
        One dict per candidate with all of FEATURE_NAMES, each within
        [-MAX_FEATURE, MAX_FEATURE].
    """
    if not candidates:
        return []
    popularity = _standardise(
        [
            math.log1p(one.popularity)
            if 0 <= one.popularity < math.inf
            else math.nan
            for one in candidates
        ]
    )
    history_length = max(context.history_length, 0)
    fading = _NEWCOMER_EVENTS / (_NEWCOMER_EVENTS + history_length)
    columns = {
        "model": _read_scores(candidates),
        "probability": _standardise(
            [
                _compute_logit(None if context.has_need else one.probability)
                for one in candidates
            ]
        ),
        "popularity": popularity,
        "newcomer_popularity": popularity * fading,
        "freshness": _standardise(
            [_compute_freshness(one, context.now) for one in candidates]
        ),
        "price_fit": _standardise(
            [_compute_price_fit(one, context.usual_price) for one in candidates]
        ),
    }
    rows = np.stack([columns[name] for name in FEATURE_NAMES], axis=1)
    return [dict(zip(FEATURE_NAMES, row, strict=True)) for row in rows.tolist()]


def _standardise(
    values: Sequence[float], least_spread: float = _LEAST_SPREAD
) -> np.ndarray:
    """Standardises values; NaN, an unknown value, becomes 0."""
    column = np.asarray(values, np.float64)
    is_known = ~np.isnan(column)
    if not is_known.any():
        return np.zeros(len(column))
    known = column[is_known]
    spread = max(float(known.std()), least_spread)
    standard = np.where(is_known, (column - known.mean()) / spread, 0.0)
    return np.clip(standard, -MAX_FEATURE, MAX_FEATURE)


def _read_scores(candidates: Sequence[Candidate]) -> np.ndarray:
    """Standardises scores; a value that is no score gets the lowest."""
    scores = np.array([one.score for one in candidates], np.float64)
    scores[~np.isfinite(scores) | (scores <= UNKNOWN_ITEM_SCORE)] = np.nan
    if np.isnan(scores).all():
        return np.full(len(scores), -MAX_FEATURE)
    # Scores near the end of float64 would overflow when squared.
    largest = max(float(np.nanmax(np.abs(scores))), 1e-300)
    standard = _standardise(scores / largest, least_spread=1e-9)
    return np.where(np.isnan(scores), -MAX_FEATURE, standard)


def _compute_logit(probability: float | None) -> float:
    if probability is None or not 0.0 <= probability <= 1.0:
        return math.nan
    if probability in (0.0, 1.0):
        return math.copysign(_MAX_LOGIT, probability - 0.5)
    logit = math.log(probability) - math.log1p(-probability)
    return min(max(logit, -_MAX_LOGIT), _MAX_LOGIT)


def _compute_freshness(candidate: Candidate, now: float) -> float:
    """Returns exp(-age / 30 days); what is yet to come is new."""
    if candidate.facts is None or candidate.facts.created_at is None:
        return math.nan
    age = max(now - candidate.facts.created_at, 0.0)
    return math.exp(-age / (_FRESHNESS_DAYS * _DAY))


def _compute_price_fit(
    candidate: Candidate, usual_price: float | None
) -> float:
    """Returns exp(-|log price - log usual price|)."""
    price = candidate.facts.price if candidate.facts else None
    prices = (price, usual_price)
    if any(one is None or not 0.0 < one < math.inf for one in prices):
        return math.nan
    return min(prices) / max(prices)
