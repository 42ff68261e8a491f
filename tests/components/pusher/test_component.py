import json
from pathlib import Path

import pytest
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import Channel
from tfx.types import standard_artifacts

from components.pusher.component import PUSH_FILE
from components.pusher.component import Executor
from components.pusher.component import Pusher


def _blessing(kind: type, is_blessed: bool):
    blessing = kind()
    blessing.set_int_custom_property("blessed", int(is_blessed))
    return blessing


def _push(tmp_path: Path, model_blessed=True, infra_blessed=True):
    model = standard_artifacts.Model()
    model.uri = str(tmp_path / "trained")
    exported = tmp_path / "trained" / "Format-Serving"
    exported.mkdir(parents=True, exist_ok=True)
    (exported / "saved_model.pb").write_text("graph")
    pushed = standard_artifacts.PushedModel()
    pushed.uri = str(tmp_path / "pushed")
    Executor(BaseExecutor.Context()).Do(
        {
            "model": [model],
            "model_blessing": [
                _blessing(standard_artifacts.ModelBlessing, model_blessed)
            ],
            "infra_blessing": [
                _blessing(standard_artifacts.InfraBlessing, infra_blessed)
            ],
        },
        {"pushed_model": [pushed]},
        {
            "serving_uri": str(tmp_path / "serving"),
            "config": '{"model_name": "m", "keep_versions": 2}',
            "run_id": "1",
        },
    )
    return pushed


def test_blessed_model_is_pushed_and_the_artifact_says_where(tmp_path):
    pushed = _push(tmp_path)
    version = pushed.get_string_custom_property("pushed_version")
    destination = pushed.get_string_custom_property("pushed_destination")
    assert pushed.get_int_custom_property("pushed") == 1
    assert destination == str(tmp_path / "serving" / "m" / version)
    assert (Path(destination) / "saved_model.pb").read_text() == "graph"
    summary = json.loads((Path(pushed.uri) / PUSH_FILE).read_text())
    assert summary["pushed_version"] == version


def test_second_run_with_the_same_model_names_the_same_version(tmp_path):
    first, second = _push(tmp_path), _push(tmp_path)
    assert second.get_int_custom_property("pushed") == 1
    assert second.get_int_custom_property("is_new_version") == 0
    assert second.get_string_custom_property(
        "pushed_version"
    ) == first.get_string_custom_property("pushed_version")


@pytest.mark.parametrize(
    ("model_blessed", "infra_blessed", "reason"),
    [
        (False, True, "the Evaluator did not bless the model"),
        (True, False, "the ServingValidator did not bless the model"),
    ],
)
def test_model_without_both_blessings_is_not_pushed(
    tmp_path, model_blessed, infra_blessed, reason
):
    pushed = _push(tmp_path, model_blessed, infra_blessed)
    assert pushed.get_int_custom_property("pushed") == 0
    assert not (tmp_path / "serving").exists()
    summary = json.loads((Path(pushed.uri) / PUSH_FILE).read_text())
    assert summary == {"pushed": 0, "reason": reason}


def test_component_has_tfx_channels():
    component = Pusher(
        model=Channel(type=standard_artifacts.Model),
        model_blessing=Channel(type=standard_artifacts.ModelBlessing),
        infra_blessing=Channel(type=standard_artifacts.InfraBlessing),
        serving_uri="serving",
        config="{}",
        run_id="1",
    )
    assert (
        component.outputs["pushed_model"].type is standard_artifacts.PushedModel
    )
    assert component.exec_properties["run_id"] == "1"
