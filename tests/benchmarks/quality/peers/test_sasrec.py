"""SASRec learns an order that was planted."""

import numpy as np
import pytest

from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.peers import SasRec
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.splits import split_leave_last

pytest.importorskip("rectools", reason="not in requirements: needs PyTorch")
pytestmark = pytest.mark.filterwarnings("default")


def test_the_next_item_of_a_fixed_round_is_found():
    # 200 people walk 8 steps of a round of 30 items from where they begin.
    begins = np.random.RandomState(4).randint(0, 30, 200)
    items = (begins[:, None] + np.arange(8)) % 30
    data = build_interactions(
        np.repeat(np.arange(200), 8), items.ravel(), np.tile(np.arange(8), 200)
    )
    train, queries = split_leave_last(data)
    peer = SasRec(num_factors=32, num_epochs=40, dropout=0.0)
    peer.fit(train)
    report = evaluate(recommend(peer, queries), queries)
    assert report.mrr_at_10 > 0.9
