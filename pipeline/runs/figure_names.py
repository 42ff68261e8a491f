"""What people call figures and slices, and in which unit they read them."""

from collections.abc import Iterable

from schemas.events import HISTORY_BUCKET
from schemas.events import HISTORY_BUCKETS
from schemas.events import ITEM_BUCKET
from schemas.events import ITEM_BUCKETS

LIKING = "liked_ndcg_at_10"
TOUCHING = "ndcg_at_10"
SEARCH = "found_by_title"
LATENCY = "latency_p50"
_NAMES = {
    LIKING: "NDCG@10 of liked items",
    TOUCHING: "NDCG@10",
    "recall_at_10": "recall@10",
    "mrr": "mean reciprocal rank",
    "auc": "AUC: liked or not",
    "rmse": "RMSE of ratings",
    SEARCH: "items found by their title",
    LATENCY: "median latency",
    "latency_p99": "latency, 99th percentile",
    "score_difference": "largest difference of served scores",
    "exposure_head": "shown: popular items",
    "exposure_middle": "shown: middle",
    "exposure_tail": "shown: long tail",
    "exposure_unseen": "shown: new items",
    "above_chance": "standard errors above chance",
    "num_queries": "test queries",
    "num_users": "test users",
    "num_candidates": "items to choose from",
    "non_finite": "answers that are not finite",
    "met_before": "asked for what was met before",
    "example_count": "test examples",
}
_PER_CENT = (
    SEARCH,
    "non_finite",
    "met_before",
    "exposure_head",
    "exposure_middle",
    "exposure_tail",
    "exposure_unseen",
)
_MILLISECONDS = (LATENCY, "latency_p99")
_MIN_COUNT = 100  # from here on nobody reads decimals
_ITEM_BUCKET_NAMES = {
    "head": "popular items",
    "middle": "items in the middle",
    "tail": "the long tail",
    "unseen": "new items",
}


def name_metric(metric: str) -> str:
    """Names a metric as people do; one that is not known by its own name."""
    return _NAMES.get(metric, metric)


def write_figure(metric: str, value: float | None) -> str:
    """Writes a value in the unit of its metric."""
    if value is None:
        return "–"
    if metric in _PER_CENT:
        return f"{value:.1%}".replace(".0%", "%")
    if metric in _MILLISECONDS:
        return f"{value:.1f} ms".replace(".0 ms", " ms")
    return f"{value:,.0f}" if abs(value) >= _MIN_COUNT else f"{value:.4g}"


def name_slice(slice_name: str) -> str:
    """Names a slice as people do; one that is not known by its own name.

    Args:
        slice_name: "feature=value"; "" = all queries.
    """
    feature, _, value = slice_name.partition("=")
    if not slice_name:
        return "all queries"
    if feature == HISTORY_BUCKET:
        return f"history of {value} events" if value != "0" else "no history"
    if feature == ITEM_BUCKET:
        return _ITEM_BUCKET_NAMES.get(value, value)
    return slice_name


def find_place(metric: str) -> int:
    """Returns where a metric stands among others: what matters first."""
    known = list(_NAMES)
    return known.index(metric) if metric in known else len(known)


def sort_slices(slice_names: Iterable[str]) -> list[str]:
    """Sorts slices: all queries, then by feature, its values in their order."""
    return sorted(slice_names, key=_find_slice_place)


def _find_slice_place(slice_name: str) -> tuple[str, int, str]:
    feature, _, value = slice_name.partition("=")
    order = {HISTORY_BUCKET: HISTORY_BUCKETS, ITEM_BUCKET: ITEM_BUCKETS}
    known = list(order.get(feature, ()))
    place = known.index(value) if value in known else len(known)
    return feature, place, value
