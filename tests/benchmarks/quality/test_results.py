"""The table of figures, over queries and over seeds."""

import dataclasses

import numpy as np
import pytest

from benchmarks.quality import results
from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.splits import split_leave_last
from benchmarks.quality.splits import split_new_users


def test_each_group_of_queries_is_reported_by_itself():
    users = np.repeat(np.arange(10), 8)
    items = np.tile(np.arange(8), 10)
    data = build_interactions(users, items, np.arange(80))
    _, queries = split_new_users(data)
    # Right after one event, wrong after three and five.
    slates = np.full((len(queries), 10), -1)
    slates[:2, 0] = 1
    result = results.judge(slates, queries, 0.0)
    assert result.report.recall_at_10 == pytest.approx(1 / 3)
    assert [
        (name, report.recall_at_10) for name, report in result.groups.items()
    ] == [("1 known", 1.0), ("3 known", 0.0), ("5 known", 0.0)]
    rows = list(results.format_rows({"ease": result}, queries))
    assert [row.split()[0] for row in rows[1:]] == ["ease", "1", "3", "5"]


def test_our_lead_is_measured_query_by_query():
    users = np.repeat(np.arange(4), 3)
    data = build_interactions(users, np.tile(np.arange(3), 4), np.arange(12))
    _, queries = split_leave_last(data)
    right = np.full((4, 10), -1)
    right[:, 0] = 2
    half = right.copy()
    half[:2] = -1
    ours, peer = (results.judge(one, queries, 0.0) for one in (right, half))
    # We win by 1 twice and by 0 twice: 0.5 +- 0.5 / sqrt(4).
    assert results.compute_lead(ours, peer, queries) == (0.5, 0.25)
    found = {"tastemaker": ours, "ease": peer}
    assert "+0.5000 ±0.2500" in list(results.format_rows(found, queries))[2]
    summary = results.summarize(found, queries)
    assert summary["ease"]["our_lead"] == 0.5
    assert "our_lead" not in summary["tastemaker"]
    # Where both find the same, there is no doubt that nobody leads.
    assert results.compute_lead(peer, peer, queries) == (0.0, 0.0)


def test_seeds_are_averaged_query_by_query():
    users = np.repeat(np.arange(4), 3)
    data = build_interactions(users, np.tile(np.arange(3), 4), np.arange(12))
    _, queries = split_leave_last(data)
    one = np.full((4, 10), -1)
    one[:2, 0] = 2
    # The first seed finds the first two, the second one the other two.
    other = one[::-1]
    seeds = [results.judge(slates, queries, 4.0) for slates in (one, other)]
    mean = results.average(seeds, queries)
    assert mean.report.ndcg_at_10 == 0.5
    # Each user gets 0.5 on average: among users there is no doubt left, nor
    # among seeds, which are both at 0.5.
    assert mean.report.ndcg_at_10_se == 0.0
    assert mean.ndcg_by_seed == (0.5, 0.5)
    assert mean.seed_se == 0.0
    assert mean.train_seconds == 4.0
    # 0.25 and 0.75: a spread of 0.5 / sqrt(2), over sqrt(2).
    apart = dataclasses.replace(mean, ndcg_by_seed=(0.25, 0.75))
    assert apart.seed_se == pytest.approx(0.25)
    row = list(results.format_rows({"tastemaker": apart}, queries))[2]
    assert row.split()[:4] == ["over", "seeds", "0.5000", "±0.2500"]
    summary = results.summarize({"tastemaker": apart}, queries)["tastemaker"]
    assert summary["ndcg_at_10_by_seed"] == [0.25, 0.75]
    assert results.average(seeds[:1], queries) == seeds[0]
