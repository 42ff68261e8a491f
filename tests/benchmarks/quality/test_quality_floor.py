"""A small real training is as good as it was.

300 people and the 500 most rated movies of MovieLens small, the pretrained
backbone and the settings of `leave_last`, for ten epochs.
"""

import dataclasses

import pytest
import yaml

from benchmarks.liking.turned_ratings import compute_overlap
from benchmarks.liking.turned_ratings import turn_ratings
from benchmarks.quality.asked_model import ask_for_slates
from benchmarks.quality.datasets import load_small
from benchmarks.quality.datasets import take_part
from benchmarks.quality.peers import Popularity
from benchmarks.quality.protocols import set_up
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.trained_pipeline import CONFIGS
from benchmarks.quality.trained_pipeline import train_model
from schemas.rating_scale import RatingScale

# NDCG@10. Three seeds reach 0.139 to 0.142; without the linear models it is
# 0.095, by popularity 0.033.
_FLOOR = 0.12
# Of ten items; with `objective: touch` it is above 9.
_MOST_OVERLAP = 5.0


@pytest.mark.e2e
@pytest.mark.timeout(1800)
def test_a_trained_model_is_as_good_as_it_was(tmp_path):
    dataset = take_part(load_small(), 300, 500)
    experiment, queries = set_up("leave_last", "movielens-small", dataset)
    settings = yaml.safe_load((CONFIGS / experiment.config).read_text())
    settings["trainer"]["optimizer"]["max_epochs"] = 10
    config = tmp_path / "ten-epochs.yaml"
    config.write_text(yaml.safe_dump(settings))
    experiment = dataclasses.replace(experiment, config=str(config))
    model = train_model(tmp_path, experiment)
    assert model.train_seconds > 0
    slates = ask_for_slates(model, dataset, queries)
    reached = evaluate(slates, queries).ndcg_at_10
    assert reached > _FLOOR
    popularity = Popularity()
    popularity.fit(experiment.train)
    by_count = evaluate(recommend(popularity, queries, None), queries)
    assert reached > 3 * by_count.ndcg_at_10
    # One rating, turned from the best to the worst, changes the slate.
    turned = turn_ratings(dataset, experiment.train, RatingScale())
    either = ask_for_slates(model, turned.dataset, turned.queries)
    assert compute_overlap(either) < _MOST_OVERLAP
    # What is there already is not trained again.
    assert train_model(tmp_path, experiment) == model
