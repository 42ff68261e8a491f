"""The pipeline learns from what the protocol allows, no more and no less."""

import dataclasses
import shutil

import numpy as np
import pytest
from pydantic import TypeAdapter

from benchmarks.quality import trained_pipeline
from benchmarks.quality.interactions import build_interactions
from benchmarks.quality.protocols import set_up
from components.behavior_example_gen.split_config import ExampleGenConfig
from tests.example_gen_runs import run_example_gen

PROTOCOLS = ("leave_last", "next_item", "cold_items", "new_users")


def _generate(folder, experiment):
    """Lets BehaviorExampleGen read what the experiment wrote."""
    trained_pipeline.write_dataset(folder, experiment)
    config = trained_pipeline.build_config(folder, experiment)
    example_gen = ExampleGenConfig(dataset=config.dataset, splits=config.splits)
    text = TypeAdapter(ExampleGenConfig).dump_json(example_gen).decode()
    run_example_gen(folder, text)
    return folder / "examples"


@pytest.fixture(scope="module")
def generated(small_dataset, tmp_path_factory):
    """Experiment, queries and examples of each protocol."""
    made = {}
    for name in PROTOCOLS:
        experiment, queries = set_up(name, "movielens-small", small_dataset)
        folder = tmp_path_factory.mktemp(name)
        made[name] = (experiment, queries, _generate(folder, experiment))
    return made


def _list_events(data):
    return {
        *zip(
            data.user_ids[data.users].tolist(),
            data.item_ids[data.items].tolist(),
            data.timestamps.tolist(),
            strict=True,
        )
    }


def _read_events(examples, *splits):
    folders = [f"Split-{split}" for split in splits]
    return {*trained_pipeline.count_events(examples, *folders)}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_pipeline_learns_from_every_training_event_and_no_other(
    generated, name
):
    experiment, _, examples = generated[name]
    trained_pipeline.check_examples(examples, experiment.train)
    used = _read_events(examples, "train", "eval")
    if name in ("leave_last", "next_item"):
        assert used == _list_events(experiment.train)
    else:  # the last event of each user waits in the pipeline's test split
        last = _list_events(experiment.train) - used
        users = np.unique(experiment.train.users)
        assert len(last) == len(users)


def test_the_pipeline_s_test_split_asks_for_the_last_events(generated):
    experiment, queries, examples = generated["leave_last"]
    asked = _read_events(examples, "test") - _read_events(
        examples, "train", "eval"
    )
    data = experiment.dataset.interactions
    assert {event[:2] for event in asked} == {
        (data.user_ids[user], data.item_ids[item])
        for user, item in zip(queries.users, queries.targets, strict=True)
    }


def test_learning_from_other_events_stops_the_benchmark(generated):
    experiment, _, examples = generated["leave_last"]
    # With ties in order of ids, many users' last event is another one.
    data = experiment.dataset.interactions
    other = dataclasses.replace(
        experiment.dataset,
        interactions=build_interactions(
            data.user_ids[data.users],
            data.item_ids[data.items],
            data.timestamps,
            ties="item_id",
        ),
    )
    train = set_up("leave_last", "movielens-small", other)[0].train
    with pytest.raises(ValueError, match="other events"):
        trained_pipeline.check_examples(examples, train)


def test_an_event_of_a_known_pair_at_another_time_stops_the_benchmark(
    generated,
):
    experiment, _, examples = generated["leave_last"]
    timestamps = experiment.train.timestamps.copy()
    timestamps[100] -= 1
    train = dataclasses.replace(experiment.train, timestamps=timestamps)
    with pytest.raises(ValueError, match="1 other events"):
        trained_pipeline.check_examples(examples, train)


def test_an_event_that_is_learnt_too_often_stops_the_benchmark(
    generated, tmp_path
):
    experiment, _, examples = generated["leave_last"]
    shutil.copytree(examples, tmp_path, dirs_exist_ok=True)
    shard = next((tmp_path / "Split-train").glob("*.gz"))
    shutil.copy(shard, shard.with_stem("again"))
    with pytest.raises(ValueError, match="other events"):
        trained_pipeline.check_examples(tmp_path, experiment.train)


def test_the_pipeline_orders_ties_as_the_dataset_does(small_dataset, tmp_path):
    by_id = dataclasses.replace(small_dataset, ties="item_id")
    for dataset in (small_dataset, by_id):
        experiment, _ = set_up("leave_last", "movielens-small", dataset)
        config = trained_pipeline.build_config(tmp_path, experiment)
        assert config.dataset.ties == dataset.ties


def test_a_seed_of_its_own_takes_the_place_of_the_config_s(
    small_dataset, tmp_path
):
    experiment, _ = set_up("leave_last", "movielens-small", small_dataset)
    own = dataclasses.replace(experiment, seed=7)
    assert trained_pipeline.load_seed(own) == 7
    config = trained_pipeline.build_config(tmp_path, own)
    assert config.trainer.seed == 7
    config = trained_pipeline.build_config(tmp_path, experiment)
    assert config.trainer.seed == trained_pipeline.load_seed(experiment)


def test_settings_take_the_place_of_the_config_s(small_dataset, tmp_path):
    experiment, _ = set_up("leave_last", "movielens-small", small_dataset)
    changes = {"towers": {"content_prior": 7.0}, "seed": 3}
    other = dataclasses.replace(experiment, trainer=changes)
    before = trained_pipeline.build_config(tmp_path, experiment).trainer
    after = trained_pipeline.build_config(tmp_path, other).trainer
    towers = dataclasses.replace(before.towers, content_prior=7.0)
    assert after == dataclasses.replace(before, towers=towers, seed=3)
    assert trained_pipeline.load_seed(other) == 3
    # The sources are one setting: those that are not named do not stay.
    sources = {"towers": {"sources": {"text": {}}}}
    after = trained_pipeline.change_settings(before, sources)
    assert list(after.towers.sources) == ["text"]
    assert after.towers.dropout == before.towers.dropout


def test_settings_that_there_are_not_are_refused(small_dataset, tmp_path):
    experiment, _ = set_up("leave_last", "movielens-small", small_dataset)
    other = dataclasses.replace(experiment, trainer={"towers": {"depth": 3}})
    with pytest.raises(ValueError, match="depth"):
        trained_pipeline.build_config(tmp_path, other)


def test_data_that_is_there_already_stays_untouched(small_dataset, tmp_path):
    experiment, _ = set_up("leave_last", "movielens-small", small_dataset)
    trained_pipeline.write_dataset(tmp_path, experiment)
    before = [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())]
    trained_pipeline.write_dataset(tmp_path, experiment)
    after = [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())]
    assert before == after
    first = (tmp_path / "ratings.csv").read_text().splitlines()[1]
    assert first.split(",")[0] == "1"
    # A smaller events file takes the place of the one before.
    hidden, _ = set_up("cold_items", "movielens-small", small_dataset)
    trained_pipeline.write_dataset(tmp_path, hidden)
    lines = (tmp_path / "ratings.csv").read_text().splitlines()
    assert len(lines) == 1 + len(hidden.train.items)
