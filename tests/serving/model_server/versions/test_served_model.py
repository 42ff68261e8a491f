"""The life of versions, stepped by hand: no test here sleeps."""

import shutil

import pytest

from serving.model_server.serving_error import ServingError
from serving.model_server.versions.load_policy import RetryPolicy
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from tests.serving.conftest import add_version
from tests.serving.conftest import name_states
from tests.serving.conftest import settle


class _Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock():
    return _Clock()


@pytest.fixture
def served(base_path, clock):
    model = ServedModel(
        "m", base_path, LoadedModel, RetryPolicy(2, 60.0), clock
    )
    yield model
    model.close()


def _latest(served: ServedModel) -> int:
    with served.use() as handle:
        return handle.version


def test_v04_only_the_latest_version_is_loaded(
    served, base_path, half_plus_two
):
    add_version(base_path, 1, half_plus_two)
    add_version(base_path, 2, half_plus_two)
    settle(served)
    assert name_states(served) == {2: "AVAILABLE"}


def test_lower_number_is_ignored(served, base_path, half_plus_two):
    add_version(base_path, 5, half_plus_two)
    settle(served)
    add_version(base_path, 4, half_plus_two)
    settle(served)
    assert name_states(served) == {5: "AVAILABLE"}


def test_h04_unloading_waits_for_the_last_user(
    served, base_path, half_plus_two
):
    add_version(base_path, 1, half_plus_two)
    settle(served)
    with served.use(1) as handle:
        add_version(base_path, 2, half_plus_two)
        settle(served)
        assert name_states(served) == {2: "AVAILABLE", 1: "UNLOADING"}
        assert _latest(served) == 2
        with pytest.raises(ServingError, match=r"Specific\(m, 1\)"):
            served.use(1).__enter__()
        output = handle.model.signatures["serving_default"].outputs
        assert output["y"].name
        assert not served.step()
        assert name_states(served)[1] == "UNLOADING"
    assert served.step()
    assert name_states(served)[1] == "END"


def test_failed_load_is_tried_again_after_the_interval(
    served, base_path, clock, half_plus_two, broken_half_plus_two
):
    add_version(base_path, 1, half_plus_two)
    settle(served)
    add_version(base_path, 2, broken_half_plus_two)
    tries = []
    for seconds in (0, 59, 60, 120, 180, 240):
        clock.seconds = seconds
        settle(served)
        assert _latest(served) == 1
        record = served.list_records()[0]
        tries.append((seconds, record.num_tries, record.state.name))
    assert tries == [
        (0, 1, "LOADING"),
        (59, 1, "LOADING"),
        (60, 2, "LOADING"),
        (120, 3, "END"),
        (180, 3, "END"),
        (240, 3, "END"),
    ]


def test_version_that_heals_between_tries_is_served(
    served, base_path, clock, half_plus_two, broken_half_plus_two
):
    broken = add_version(base_path, 1, broken_half_plus_two)
    settle(served)
    shutil.copy(half_plus_two / "saved_model.pb", broken)
    clock.seconds = 60
    settle(served)
    assert name_states(served) == {1: "AVAILABLE"}
    assert served.list_records()[0].error is None


def test_failed_version_is_tried_afresh_only_after_it_was_gone(
    served, base_path, clock, half_plus_two, broken_half_plus_two
):
    broken = add_version(base_path, 1, broken_half_plus_two)
    for seconds in (0, 60, 120):
        clock.seconds = seconds
        settle(served)
    shutil.copy(half_plus_two / "saved_model.pb", broken)
    clock.seconds = 600
    settle(served)
    assert name_states(served) == {1: "END"}
    broken.rename(base_path / "hidden")
    settle(served)
    (base_path / "hidden").rename(broken)
    settle(served)
    assert name_states(served) == {1: "AVAILABLE"}


def test_h11_broken_version_does_not_hold_up_a_newer_good_one(
    served, base_path, half_plus_two, broken_half_plus_two
):
    add_version(base_path, 1, half_plus_two)
    settle(served)
    add_version(base_path, 2, broken_half_plus_two)
    settle(served)
    add_version(base_path, 3, half_plus_two)
    settle(served)
    assert _latest(served) == 3
    assert name_states(served) == {3: "AVAILABLE", 2: "END", 1: "END"}
    assert served.list_records()[1].error is not None


def test_h08_version_wanted_again_while_leaving_comes_back(
    served, base_path, half_plus_two
):
    add_version(base_path, 1, half_plus_two)
    settle(served)
    with served.use(1):
        two = add_version(base_path, 2, half_plus_two)
        settle(served)
        shutil.rmtree(two)
        settle(served)
        assert _latest(served) == 2
    settle(served)
    settle(served)
    assert _latest(served) == 1
    assert name_states(served) == {2: "END", 1: "AVAILABLE"}


def test_h01_each_step_takes_one_action_and_unloads_before_it_loads(
    served, base_path, half_plus_two
):
    served.policy.latest.num_versions = 2
    for version in (1, 2):
        add_version(base_path, version, half_plus_two)
    served.read_directory()
    assert served.step()
    assert name_states(served) == {2: "AVAILABLE", 1: "START"}
    settle(served)
    for version in (3, 4):
        add_version(base_path, version, half_plus_two)
    served.read_directory()
    seen = []
    while served.step():
        seen.append("".join(name[0] for name in name_states(served).values()))
    # 4 loads first (the highest); then 1 leaves (the lowest), and is gone
    # when 2 leaves; 3 comes last.
    assert [states[0] for states in seen] == ["A"] * len(seen)
    assert seen[0] == "ASAA"
    assert seen[1] == "ASAU"
    assert seen[2] == "ASUE"
    assert seen[-1] == "AAEE"


def test_v05_policy_all_serves_every_version(served, base_path, half_plus_two):
    served.policy.all.SetInParent()
    for version in (1, 2):
        add_version(base_path, version, half_plus_two)
    settle(served)
    assert name_states(served) == {2: "AVAILABLE", 1: "AVAILABLE"}
    assert _latest(served) == 2
