"""The command's table and JSON, on small data."""

import json

import numpy as np
import pytest

from benchmarks.liking import __main__ as liking
from benchmarks.liking.measures import LikingReport
from benchmarks.liking.results import Result
from benchmarks.liking.results import average
from benchmarks.liking.results import format_rows


@pytest.fixture
def run(monkeypatch, capsys, small_dataset):
    monkeypatch.setattr(liking, "load_small", lambda: small_dataset)

    def run(*options):
        liking.main(
            [
                *("--dataset", "movielens-small", "--only-peers", "--json"),
                *options,
            ]
        )
        *table, last = capsys.readouterr().out.splitlines()
        return table, json.loads(last)["liking"]

    return run


@pytest.mark.parametrize("protocol", ["leave_last", "next_item"])
def test_peers_are_judged_by_ratings(run, protocol):
    table, figures = run(
        *("--protocol", protocol, "--peers", "ease_decay,signed_ease")
    )
    found = figures["movielens-small"][protocol]
    assert list(found) == ["ease_decay", "signed_ease"]
    # One does not know the ratings, the other does.
    assert found["ease_decay"]["overlap_at_10"] == 10.0
    assert found["ease_decay"]["fall"] == 0.0
    assert found["signed_ease"]["overlap_at_10"] < 10.0
    for one in found.values():
        assert 0.0 <= one["disliked_share"] <= one["below_mean_share"] <= 1.0
        assert one["liked_ndcg_at_10"] != one["touch_ndcg_at_10"]
        assert one["num_rated"] > 0
    assert [row.split()[0] for row in table[2:]] == list(found)


def test_validation_asks_about_other_events(run):
    options = ("--protocol", "leave_last", "--peers", "ease_decay")
    test, validation = run(*options)[0][0], run(*options, "--validation")[0][0]
    assert test.split()[-1] != validation.split()[-1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--peers", "oracle"], "must name some of ease_decay"),
        (["--seeds", "0"], "must be positive. Received: 0"),
        (["--dataset", "movies-1m", "--protocol", "next_item"], "movies-1m"),
    ],
)
def test_what_cannot_be_is_refused(run, capsys, options, message):
    with pytest.raises(SystemExit):
        run(*options)
    assert message in capsys.readouterr().err


def test_seeds_are_averaged_and_told(run):
    _, figures = run("--protocol", "leave_last", "--peers", "signed_ease")
    told = figures["movielens-small"]["leave_last"]["signed_ease"]
    names = LikingReport.__dataclass_fields__
    low = LikingReport(**{name: told[name] for name in names})
    high = LikingReport(**{name: 3 * told[name] for name in names})
    both = average(
        [
            Result(report=low, overlap_at_10=2.0, fall=0.0),
            Result(report=high, overlap_at_10=4.0, fall=0.2),
        ]
    )
    assert both.overlap_at_10 == 3.0
    assert both.report.disliked_share == pytest.approx(
        2 * told["disliked_share"]
    )
    rows = list(format_rows({"one": both}))
    spread = np.std([1.0, 3.0], ddof=1) / np.sqrt(2)
    assert f"±{spread * told['liked_ndcg_at_10']:.4f}" in rows[-1]
