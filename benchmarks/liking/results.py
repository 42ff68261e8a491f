"""Figures of the recommenders whose slates were judged by ratings."""

import dataclasses
from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np

from benchmarks.liking.measures import LikingReport


@dataclasses.dataclass(frozen=True, kw_only=True)
class Result:
    """Figures of one recommender; of ours, means over seeds.

    Attributes:
        report: by the ratings of what was shown.
        overlap_at_10: as of `compute_overlap`.
        fall: as of `compute_fall`.
        settings: of a peer, chosen within the training part.
        by_seed: the reports of the seeds, where there are several.
    """

    report: LikingReport
    overlap_at_10: float
    fall: float
    settings: str = ""
    by_seed: tuple[LikingReport, ...] = ()


def average(results: Sequence[Result]) -> Result:
    """Averages over seeds; the standard errors are those of one seed."""
    if len(results) == 1:
        return results[0]
    reports = [dataclasses.asdict(one.report) for one in results]
    means = {
        name: float(np.mean([report[name] for report in reports]))
        for name in reports[0]
    }
    means["num_rated"] = round(means["num_rated"])
    return Result(
        report=LikingReport(**means),
        overlap_at_10=float(np.mean([one.overlap_at_10 for one in results])),
        fall=float(np.mean([one.fall for one in results])),
        by_seed=tuple(one.report for one in results),
    )


def format_rows(results: dict[str, Result]) -> Iterator[str]:
    """Yields the lines of the table."""
    yield (
        f"{'':16}{'liked NDCG@10':>17}{'touch NDCG@10':>17}"
        f"{'graded NDCG@10':>17}{'disliked':>10}{'below mean':>12}"
        f"{'overlap@10':>12}{'fall':>8}"
    )
    for name, one in results.items():
        report = one.report
        columns = "".join(
            f"{getattr(report, figure):+9.4f} ±{getattr(report, error):.4f}"
            for figure, error in (
                (f"{kind}_ndcg_at_10", f"{kind}_ndcg_at_10_se")
                for kind in ("liked", "touch", "graded")
            )
        )
        yield (
            f"{name:16}{columns}{report.disliked_share:10.3f}"
            f"{report.below_mean_share:12.3f}{one.overlap_at_10:12.2f}"
            f"{one.fall:8.3f}"
        )
        if one.by_seed:
            seeds = [seed.liked_ndcg_at_10 for seed in one.by_seed]
            error = np.std(seeds, ddof=1) / np.sqrt(len(seeds))
            listed = ", ".join(f"{seed:.4f}" for seed in seeds)
            yield (
                f"  {'over seeds':14}{np.mean(seeds):+9.4f} ±{error:.4f}"
                f"  ({listed})"
            )


def summarize(results: dict[str, Result]) -> dict[str, dict[str, object]]:
    """Returns the figures of each recommender as plain data."""
    return {
        name: dataclasses.asdict(one.report)
        | {
            "overlap_at_10": one.overlap_at_10,
            "fall": one.fall,
            "settings": one.settings,
            "by_seed": [dataclasses.asdict(seed) for seed in one.by_seed],
        }
        for name, one in results.items()
    }
