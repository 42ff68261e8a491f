"""Figures of a dataset, as programs read them."""

import pytest

from benchmarks.datasets.__main__ import DatasetResult
from benchmarks.datasets.__main__ import main


def test_best_peer_is_named():
    result = DatasetResult(
        rows=10,
        rejects=1,
        seconds=2.0,
        num_queries=3,
        ours=[0.2, 0.4],
        peers={"popularity": 0.1, "ease": 0.3, "item_knn": 0.2},
    )
    found = result.summarise()
    assert found["best_peer_name"] == "ease"
    assert found["best_peer"] == 0.3
    assert found["ndcg_at_10"] == pytest.approx(0.3)
    assert found["ndcg_at_10_se"] == pytest.approx(0.1)


def test_figures_without_peers_and_with_one_seed():
    result = DatasetResult(
        rows=10, rejects=1, seconds=2.0, num_queries=3, ours=[0.2], peers={}
    )
    found = result.summarise()
    assert found["best_peer_name"] == ""
    assert found["ndcg_at_10_se"] == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x.yaml", "--peers", "nobody"], "--peers must name some of"),
        (["x.yaml", "--seeds", "0"], "--seeds must be positive"),
    ],
)
def test_bad_options_are_refused(arguments, message, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert message in capsys.readouterr().err
