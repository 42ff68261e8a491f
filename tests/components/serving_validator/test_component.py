import json
from pathlib import Path

import pytest
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import Channel
from tfx.types import artifact_utils
from tfx.types import standard_artifacts

from components.serving_validator.component import Executor
from components.serving_validator.component import ServingValidator
from schemas.artifact_files import SERVING_VALIDATION_FILE
from tests.components.serving_validator.windows import build_window
from tests.components.serving_validator.windows import write_split


@pytest.fixture
def examples(tmp_path):
    artifact = standard_artifacts.Examples()
    artifact.uri = str(tmp_path / "examples")
    artifact.split_names = artifact_utils.encode_split_names(["eval", "test"])
    records = [build_window([f"i{n:02d}"]) for n in range(8)]
    write_split(tmp_path / "examples" / "Split-test", records)
    return artifact


def _validate(tmp_path, examples, exported: Path, is_blessed: bool = True):
    model = standard_artifacts.Model()
    model.uri = str(tmp_path / "trained")
    (tmp_path / "trained").mkdir()
    (tmp_path / "trained" / "Format-Serving").symlink_to(exported)
    model_blessing = standard_artifacts.ModelBlessing()
    model_blessing.set_int_custom_property("blessed", int(is_blessed))
    blessing = standard_artifacts.InfraBlessing()
    blessing.uri = str(tmp_path / "blessing")
    Executor(BaseExecutor.Context()).Do(
        {
            "model": [model],
            "examples": [examples],
            "model_blessing": [model_blessing],
        },
        {"blessing": [blessing]},
        {"config": '{"num_requests": 5}', "code_version": "1"},
    )
    report = json.loads(
        (Path(blessing.uri) / SERVING_VALIDATION_FILE).read_text()
    )
    files = sorted(path.name for path in Path(blessing.uri).iterdir())
    return blessing, report, files


def test_good_candidate_is_blessed_as_tfx_expects(
    tmp_path, examples, recommender_model
):
    blessing, report, files = _validate(tmp_path, examples, recommender_model)
    assert report["reason"] == ""
    assert blessing.get_int_custom_property("blessed") == 1
    assert files == ["INFRA_BLESSED", SERVING_VALIDATION_FILE]
    assert report["num_requests"] == 5


def test_bad_candidate_is_refused_with_the_reason(
    tmp_path, examples, nan_recommender_model
):
    blessing, report, files = _validate(
        tmp_path, examples, nan_recommender_model
    )
    assert blessing.get_int_custom_property("blessed") == 0
    assert files == ["INFRA_NOT_BLESSED", SERVING_VALIDATION_FILE]
    reason = blessing.get_string_custom_property("reason")
    assert reason == report["reason"] == "finite: scores hold nan (and 4 more)"


def test_candidate_the_evaluator_refused_is_not_even_started(
    tmp_path, examples
):
    missing = tmp_path / "no such model"
    blessing, report, files = _validate(
        tmp_path, examples, missing, is_blessed=False
    )
    assert blessing.get_int_custom_property("blessed") == 0
    assert files == ["INFRA_NOT_BLESSED", SERVING_VALIDATION_FILE]
    assert report["reason"].startswith("not tried, because the Evaluator")


def test_component_has_tfx_channels():
    component = ServingValidator(
        model=Channel(type=standard_artifacts.Model),
        examples=Channel(type=standard_artifacts.Examples),
        model_blessing=Channel(type=standard_artifacts.ModelBlessing),
        config="{}",
        code_version="1",
    )
    blessing = component.outputs["blessing"]
    assert blessing.type is standard_artifacts.InfraBlessing
