"""Settings of the evaluation: metrics and thresholds. Free of TensorFlow."""

from typing import Annotated
from typing import Literal

from pydantic import Field
from pydantic import NonNegativeFloat
from pydantic import PositiveInt
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from schemas.events import HISTORY_BUCKET
from schemas.events import ITEM_BUCKET

Metric = Literal[
    "recall_at_10",
    "ndcg_at_10",
    "mrr",
    "liked_ndcg_at_10",  # of the queries whose true item was liked
    # Shares of the ten items shown, by popularity: thirds of the train events,
    # and items without events. They sum to one.
    "exposure_head",
    "exposure_middle",
    "exposure_tail",
    "exposure_unseen",
    "rmse",
    "auc",
    "non_finite",  # share of queries with an answer that is no finite number
    "num_queries",  # whose true item a slate could have shown
    "num_users",  # with such queries; MAX_COUNTED_USERS = as many or more
    "num_candidates",  # that compete for a query, on average
    "above_chance",  # standard errors of ndcg_at_10 above a random order's
    "met_before",  # share of queries whose true item had been met before
]

OVERALL = ""
MAX_COUNTED_USERS = 10_000
_BUILT_IN = (
    "non_finite",
    "num_queries",
    "num_users",
    "num_candidates",
    "above_chance",
)
# Of outputs that a model from before an upgrade may lack: there they are NaN.
_WITHOUT_CHANGE = (*_BUILT_IN, "met_before", "liked_ndcg_at_10")


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class MetricThreshold:
    """The threshold of one metric on one slice.

    A slice that is named here must occur in the data: TFMA fails a threshold
    whose slice is missing. Name only slices that every run is sure to hold.
    """

    metric: Metric
    slice: str = OVERALL  # "history_bucket=0"; empty = all examples
    at_least: float | None = None
    at_most: float | None = None
    may_worsen_by: NonNegativeFloat | None = None  # absolute, against the
    # model that is served; not checked while there is none

    @model_validator(mode="after")
    def _check(self) -> "MetricThreshold":
        bounds = (self.at_least, self.at_most, self.may_worsen_by)
        if all(bound is None for bound in bounds):
            raise ValueError(
                "a threshold must set `at_least`, `at_most` or "
                f"`may_worsen_by`. Received none for metric={self.metric!r}."
            )
        feature, equals, value = self.slice.partition("=")
        if self.slice and not (feature and equals and value):
            raise ValueError(
                '`slice` must read "feature=value" or be empty. Received: '
                f"slice={self.slice!r}."
            )
        return self


_DEFAULT_THRESHOLDS = (
    MetricThreshold(metric="ndcg_at_10", at_least=0.01, may_worsen_by=0.002),
    MetricThreshold(metric="recall_at_10", at_least=0.02),
)


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class EvaluatorConfig:
    """The metrics, slices and thresholds that decide about a push."""

    thresholds: tuple[MetricThreshold, ...] = _DEFAULT_THRESHOLDS
    slice_features: tuple[str, ...] = (HISTORY_BUCKET, ITEM_BUCKET)
    ranking_task: bool = True  # also RMSE of the rating, AUC of success
    min_queries: PositiveInt = 100  # of the test split, that a slate could
    # answer; of fewer, chance decides
    min_users: Annotated[PositiveInt, Field(le=MAX_COUNTED_USERS)] = 10
    # with such queries: the taste of a few is not that of all
    min_candidates: PositiveInt = 20  # that compete for a query, on average:
    # who ranks 10 items has all of them among the first 10
    min_above_chance: NonNegativeFloat = 3.0  # standard errors of ndcg_at_10
    # above that of a random order; 0 = not checked

    def list_all_thresholds(self) -> tuple[MetricThreshold, ...]:
        """Adds what holds whatever the thresholds say.

        Figures made from NaN, or from a handful of queries, users or items
        mean nothing, however good they are; nor do those that a random order
        may reach.
        """
        lowest = {
            "num_queries": self.min_queries,
            "num_users": self.min_users,
            "num_candidates": self.min_candidates,
            "above_chance": self.min_above_chance,
        }
        return (
            MetricThreshold(metric="non_finite", at_most=0.0),
            *(
                MetricThreshold(metric=metric, at_least=bound)
                for metric, bound in lowest.items()
                if bound > 0
            ),
            *self.thresholds,
        )

    @model_validator(mode="after")
    def _check(self) -> "EvaluatorConfig":
        if not self.thresholds:
            raise ValueError(
                "`thresholds` must hold at least one entry: without any, "
                "TFX's Evaluator blesses no model. Received: none."
            )
        for threshold in self.thresholds:
            if threshold.metric in ("rmse", "auc") and not self.ranking_task:
                raise ValueError(
                    "`ranking_task` must be true for a threshold on "
                    f"{threshold.metric}. Received: ranking_task=False."
                )
            if threshold.metric in _BUILT_IN and not threshold.slice:
                raise ValueError(
                    f"a threshold on {threshold.metric} over all queries is "
                    "there already: see `min_queries`, `min_users`, "
                    "`min_candidates` and `min_above_chance`. Name a slice, or "
                    "leave it out."
                )
            if (
                threshold.metric in _WITHOUT_CHANGE
                and threshold.may_worsen_by is not None
            ):
                raise ValueError(
                    f"a threshold on {threshold.metric} must use `at_least` or "
                    "`at_most`: a model that was pushed before an upgrade may "
                    "have nothing to compare with, and would fail every "
                    "candidate. Received: may_worsen_by="
                    f"{threshold.may_worsen_by}."
                )
            feature = threshold.slice.partition("=")[0]
            if feature and feature not in self.slice_features:
                raise ValueError(
                    "a threshold's slice must use one of slice_features="
                    f"{self.slice_features}. Received: {threshold.slice!r}."
                )
        return self
