from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.ranked_slate import RankedItem
from serving.gateway.records.exposure import ExposedItem


def test_log_keeps_what_learning_needs():
    item = RankedItem(
        candidate=Candidate(item_id="a", score=3.0),
        score=0.5,
        features={"model": 1.0},
        propensity=0.25,
    )
    assert item.as_exposed() == ExposedItem(
        item_id="a", score=0.5, features={"model": 1.0}, propensity=0.25
    )
