import dataclasses
import json
import random

import pytest

from serving.gateway.experiments.assignment import assign
from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.experiments.interleaving import interleave
from serving.gateway.experiments.report import build_report
from serving.gateway.experiments.success_rule import SuccessRule
from serving.gateway.records.exposure import ExposedItem
from tests.serving.gateway.experiments.log_writer import make_click
from tests.serving.gateway.experiments.log_writer import make_exposure
from tests.serving.gateway.experiments.log_writer import write_logs

CLICK = SuccessRule.parse(["click"])
EXPERIMENT = ExperimentConfig(
    name="blend",
    salt="s",
    arms={"old": ArmConfig(share=0.5), "new": ArmConfig(share=0.5)},
    ends_at=1000.0,
)


def write_experiment(folder, new_rate, num_users=1200, seed=0):
    """Logs two slates of each user; `old` succeeds at 20%."""
    draw = random.Random(seed)
    exposures, events = [], []
    for number in range(num_users):
        user = f"user{number}"
        arm = assign(EXPERIMENT, user)
        for visit in "ab":
            slate = f"{user}-{visit}"
            exposures.append(
                make_exposure(slate, user, arms={"blend": arm, "other": "x"})
            )
            if draw.random() < (new_rate if arm == "new" else 0.2):
                events.append(make_click(slate, user))
    return write_logs(folder, exposures, events)


def report(folder, now=500.0, experiment=EXPERIMENT):
    return build_report(experiment, [folder], CLICK, now)


def test_better_arm_is_found(tmp_path):
    found = report(write_experiment(tmp_path, new_rate=0.3))
    control, arm = found.arms
    assert (control.name, arm.name) == ("old", "new")
    assert control.num_users + arm.num_users == 1200
    assert control.num_slates + arm.num_slates == 2400
    assert arm.comparison.lift == pytest.approx(0.5, abs=0.2)
    assert found.conclusion.startswith("new is better than old by ")
    assert not found.sample_ratio.is_mismatched
    assert not found.has_ended


def test_equal_arms_are_left_undecided(tmp_path):
    folder = write_experiment(tmp_path, new_rate=0.2)
    assert report(folder).conclusion.startswith("No decision yet on new")
    late = report(folder, now=1000.0)
    assert late.has_ended
    assert late.conclusion == (
        "The experiment ended without a decision on new against old."
    )


def test_lost_exposures_of_an_arm_make_the_figures_untrustworthy(tmp_path):
    folder = write_experiment(tmp_path, new_rate=0.3)
    path = folder / "exposures-000001.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    # A third of the new arm is lost: those whose user ends in 0, 1 or 2.
    kept = [
        line
        for line in lines
        if '"blend": "new"' not in line
        or json.loads(line)["user_id"][-1] not in "012"
    ]
    path.write_text("".join(kept))
    found = report(folder)
    assert found.conclusion.startswith("Do not trust these figures: the sample")


def test_users_in_several_arms_are_left_out_and_spoil_the_figures(tmp_path):
    exposures = [
        make_exposure(f"{user}-{arm}", f"user{user}", arms={"blend": arm})
        for user in range(20)
        for arm in (("old", "new") if user == 0 else ("old",))
    ]
    found = report(write_logs(tmp_path, exposures))
    assert found.num_users_in_several_arms == 1
    assert [arm.num_users for arm in found.arms] == [19]
    assert "1 of 20 users were in several arms" in found.conclusion


def test_slates_of_other_times_arms_and_experiments_do_not_count(tmp_path):
    exposures = [
        make_exposure("s1", "u1", arms={"blend": "old"}),
        make_exposure("s2", "u2", arms={"blend": "old"}, timestamp=501.0),
        make_exposure("s3", "u3", arms={"blend": "gone"}),
        make_exposure("s4", "u4", arms={"other": "old"}),
        make_exposure("s5", "u5"),
    ]
    found = report(write_logs(tmp_path, exposures))
    assert [(arm.name, arm.num_slates) for arm in found.arms] == [("old", 1)]


def test_slates_after_the_end_do_not_count(tmp_path):
    exposures = [
        make_exposure(f"s{at}", f"u{at}", arms={"blend": "old"}, timestamp=at)
        for at in (999.0, 1001.0)
    ]
    found = report(write_logs(tmp_path, exposures), now=2000.0)
    assert [arm.num_slates for arm in found.arms] == [1]


def test_logs_without_the_experiment_make_an_empty_report(tmp_path):
    found = report(write_logs(tmp_path, [make_exposure("s", "u")]))
    assert found.arms == ()
    assert found.sample_ratio is None
    assert "hold no slate of the experiment" in found.conclusion


def test_losses_of_the_log_are_told(tmp_path):
    write_logs(
        tmp_path,
        [make_exposure("s1", "u1", arms={"blend": "old"})],
        [make_click("s9", "u1")],
    )
    with (tmp_path / "events-000002.jsonl").open("w") as file:
        file.write('{"seq": 2, "event_')
    found = report(tmp_path)
    assert found.num_unreadable_lines == 1
    assert found.num_unmatched_successes == 1


def test_interleaving_arm_tells_the_better_ranking(tmp_path):
    experiment = ExperimentConfig(
        name="blend",
        salt="s",
        arms={
            "mixed": ArmConfig(
                share=1.0, policy="fixed", interleave_with="learnt"
            )
        },
    )
    draw = random.Random(2)
    exposures, events = [], []
    for user in range(300):
        # Everybody wants x, which `learnt` has ahead, and some want a too.
        slate = interleave({"fixed": "abx", "learnt": "xab"}, 3, draw)
        items = [
            ExposedItem(item_id=i.item_id, score=1.0, team=i.team)
            for i in slate
        ]
        exposures.append(
            make_exposure(
                f"s{user}", f"u{user}", items=items, arms={"blend": "mixed"}
            )
        )
        events.append(
            make_click(f"s{user}", f"u{user}", "x" if user % 3 else "a")
        )
    found = report(write_logs(tmp_path, exposures, events), 1.0e9, experiment)
    assert found.conclusion.startswith("Users prefer learnt to fixed")
    assert found.arms[0].preference.num_slates == 300


def test_report_becomes_json(tmp_path):
    found = report(write_experiment(tmp_path, new_rate=0.3, num_users=200))
    document = json.loads(json.dumps(dataclasses.asdict(found)))
    assert document["experiment"] == "blend"
    assert document["arms"][0]["name"] == "old"
    assert document["sample_ratio"]["is_mismatched"] is False
