"""A small real training is as good as it was, and does what people say.

300 people and the 500 most rated movies of MovieLens small, the pretrained
backbone and the settings of `leave_last`, for ten epochs.
"""

import dataclasses
import random
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from benchmarks.gateway.sequels import build_sequels
from benchmarks.liking.turned_ratings import compute_overlap
from benchmarks.liking.turned_ratings import turn_ratings
from benchmarks.people import tried
from benchmarks.people.api import open_api
from benchmarks.quality.asked_model import TrainedModel
from benchmarks.quality.asked_model import ask_for_slates
from benchmarks.quality.datasets import load_small
from benchmarks.quality.datasets import take_part
from benchmarks.quality.peers import Popularity
from benchmarks.quality.protocols import set_up
from benchmarks.quality.queries import Queries
from benchmarks.quality.ranking_protocol import evaluate
from benchmarks.quality.ranking_protocol import recommend
from benchmarks.quality.trained_pipeline import CONFIGS
from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.trained_pipeline import train_model
from pipeline.commands.recommendation import find_examples
from pipeline.runs.run_folder import RunFolder
from schemas.rating_scale import RatingScale

# NDCG@10. Three seeds reach 0.139 to 0.142; without the linear models it is
# 0.095, by popularity 0.033.
_FLOOR = 0.12
# Of ten items; with `objective: touch` it is above 9.
_MOST_OVERLAP = 5.0

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]


class _Training(NamedTuple):
    root: Path
    experiment: Experiment
    queries: Queries
    model: TrainedModel


@pytest.fixture(scope="module")
def training(tmp_path_factory) -> _Training:
    root = tmp_path_factory.mktemp("floor")
    dataset = take_part(load_small(), 300, 500)
    experiment, queries = set_up("leave_last", "movielens-small", dataset)
    settings = yaml.safe_load((CONFIGS / experiment.config).read_text())
    settings["trainer"]["optimizer"]["max_epochs"] = 10
    config = root / "ten-epochs.yaml"
    config.write_text(yaml.safe_dump(settings))
    experiment = dataclasses.replace(experiment, config=str(config))
    model = train_model(root, experiment)
    return _Training(root, experiment, queries, model)


def test_a_trained_model_is_as_good_as_it_was(training):
    root, experiment, queries, model = training
    assert model.train_seconds > 0
    slates = ask_for_slates(model, experiment.dataset, queries)
    reached = evaluate(slates, queries).ndcg_at_10
    assert reached > _FLOOR
    popularity = Popularity()
    popularity.fit(experiment.train)
    by_count = evaluate(recommend(popularity, queries, None), queries)
    assert reached > 3 * by_count.ndcg_at_10
    # One rating, turned from the best to the worst, changes the slate.
    turned = turn_ratings(experiment.dataset, experiment.train, RatingScale())
    either = ask_for_slates(model, turned.dataset, turned.queries)
    assert compute_overlap(either) < _MOST_OVERLAP
    # What is there already is not trained again.
    assert train_model(root, experiment) == model


def test_people_get_what_they_say_and_show(training, tmp_path):
    export = tmp_path / "versions" / "1"
    export.parent.mkdir()
    export.symlink_to(training.model.path)
    examples = find_examples(RunFolder(training.root / "run"))
    with open_api(export, examples) as api:
        rated = api.list_most_rated(24)
        people = api.list_active_users(16, 20)
        sequels = build_sequels(api.items.values(), random.Random(0), 12)
        figures = {
            **tried.turn_ratings(api, rated),
            **tried.cross_out(api, rated),
            **tried.refuse(api, api.list_categories()[:6], rated[:6]),
            **tried.name_categories(api, api.list_categories()[:6]),
            **tried.compare_with_means(api, people),
            **tried.post_sequels(api, sequels),
            **tried.read_reasons(api, rated, people[:4]),
            **tried.move_popularity(api, people),
            **tried.look_for_similar(api, rated),
        }
    assert figures["overlap_at_10"] < _MOST_OVERLAP
    assert figures["crossed_reason_share"] == 0.0
    assert figures["refused_of_10"] < 0.5
    assert figures["named_of_10"] > 9.5
    assert figures["below_mean_share"] < 0.4
    assert figures["sequels_for_fans"] >= 0.75
    assert figures["sequels_by_title"] == 1.0
    assert figures["sole_reason_share"] < 0.5
    assert figures["same_first_kind"] > 0.8
    assert figures["events_at_far_left"] < 0.6 * figures["events"]
    assert figures["similar_within_a_year"] < 0.5
