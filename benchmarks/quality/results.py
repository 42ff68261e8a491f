"""Figures of the recommenders that were asked the same queries."""

import dataclasses
from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np

from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import RankingReport
from benchmarks.quality.ranking_protocol import compute_standard_error
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import score_slates

OURS = "tastemaker"


@dataclasses.dataclass(frozen=True)
class Result:
    """Figures of one recommender."""

    report: RankingReport
    groups: dict[str, RankingReport]  # of the protocol's groups of queries
    ndcg: np.ndarray  # float64 [Q], NDCG@10 of each query
    train_seconds: float  # ours: TowerTrainer; peers: settings search included
    ndcg_by_seed: tuple[float, ...] = ()  # means, where there are several
    settings: str = ""  # of a peer, chosen within the training part

    @property
    def seed_se(self) -> float:
        """Standard error of NDCG@10 over seeds."""
        count = len(self.ndcg_by_seed)
        return float(np.std(self.ndcg_by_seed, ddof=1) / np.sqrt(count))


def judge(
    slates: np.ndarray, queries: Queries, seconds: float, settings: str = ""
) -> Result:
    """Evaluates all queries, and each group of them by itself."""
    groups = {}
    for group in dict.fromkeys(queries.groups[queries.groups != ""].tolist()):
        rows = np.flatnonzero(queries.groups == group)
        groups[group] = evaluate(slates[rows], queries.take(rows))
    ndcg = score_slates(slates, queries)["ndcg"]
    return Result(
        evaluate(slates, queries), groups, ndcg, seconds, settings=settings
    )


def average(results: Sequence[Result], queries: Queries) -> Result:
    """Averages over seeds.

    Means are means over seeds. The standard errors of NDCG@10 are those of
    what a user gets on average over the seeds; of the other metrics, and in
    groups, they are the mean of the seeds' errors, which is no smaller.
    """
    if len(results) == 1:
        return results[0]
    ndcg = np.mean([one.ndcg for one in results], axis=0)
    report = dataclasses.replace(
        _average_reports([one.report for one in results]),
        ndcg_at_10_se=compute_standard_error(ndcg, queries.users),
    )
    groups = {
        group: _average_reports([one.groups[group] for one in results])
        for group in results[0].groups
    }
    return Result(
        report,
        groups,
        ndcg,
        float(np.mean([one.train_seconds for one in results])),
        tuple(one.report.ndcg_at_10 for one in results),
        results[0].settings,
    )


def compute_lead(
    ours: Result, peer: Result, queries: Queries
) -> tuple[float, float]:
    """Computes how far we are ahead in NDCG@10, query by query.

    What makes a query hard makes it hard for both: the standard error of the
    mean difference is smaller than those of the two means tell.

    Returns:
        The mean of our NDCG@10 less the peer's, and its standard error.
    """
    lead = ours.ndcg - peer.ndcg
    return float(lead.mean()), compute_standard_error(lead, queries.users)


def format_rows(results: dict[str, Result], queries: Queries) -> Iterator[str]:
    """Yields the lines of the table."""
    ours = results.get(OURS)
    yield (
        f"{'':28}{'NDCG@10':>17}{'recall@10':>17}{'MRR@10':>17}"
        f"{'coverage@10':>13}{'train s':>9}"
        + (f"{'our lead, NDCG@10':>19}" if ours else "")
    )
    for name, result in results.items():
        row = f"{name:28}{_format(result.report)}{result.train_seconds:9.1f}"
        if ours and name != OURS:
            lead, error = compute_lead(ours, result, queries)
            row += f"{lead:+11.4f} ±{error:.4f}"
        yield row
        if result.ndcg_by_seed:
            seeds = ", ".join(f"{ndcg:.4f}" for ndcg in result.ndcg_by_seed)
            yield (
                f"  {'over seeds':26}{np.mean(result.ndcg_by_seed):9.4f}"
                f" ±{result.seed_se:.4f}  ({seeds})"
            )
        for group, report in result.groups.items():
            yield f"  {group:26}{_format(report)}"


def summarize(results: dict[str, Result], queries: Queries) -> dict[str, dict]:
    """Returns the figures of each recommender as plain data."""
    summaries = {}
    for name, result in results.items():
        summaries[name] = dataclasses.asdict(result.report)
        if result.groups:
            summaries[name]["groups"] = {
                group: dataclasses.asdict(report)
                for group, report in result.groups.items()
            }
        if result.ndcg_by_seed:
            summaries[name] |= {
                "ndcg_at_10_by_seed": list(result.ndcg_by_seed),
                "ndcg_at_10_seed_se": result.seed_se,
            }
        if result.settings:
            summaries[name]["settings"] = result.settings
        if OURS in results and name != OURS:
            lead, error = compute_lead(results[OURS], result, queries)
            summaries[name] |= {"our_lead": lead, "our_lead_se": error}
        summaries[name]["train_seconds"] = result.train_seconds
    return summaries


def _average_reports(reports: Sequence[RankingReport]) -> RankingReport:
    names = [field.name for field in dataclasses.fields(RankingReport)]
    means = {
        name: float(np.mean([getattr(one, name) for one in reports]))
        for name in names
    }
    return RankingReport(**means | {"num_queries": reports[0].num_queries})


def _format(report: RankingReport) -> str:
    means = "".join(
        f"{getattr(report, f'{m}_at_10'):9.4f} ±"
        f"{getattr(report, f'{m}_at_10_se'):.4f}"
        for m in ("ndcg", "recall", "mrr")
    )
    return f"{means}{report.coverage_at_10:13.3f}"
