"""ServingValidator: blocks models that a model server cannot serve."""

import itertools
import json
import logging
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from tfx import types
from tfx.components.util import model_utils
from tfx.dsl.components.base import base_component
from tfx.dsl.components.base import base_executor
from tfx.dsl.components.base import executor_spec
from tfx.types import artifact_utils
from tfx.types import component_spec
from tfx.types import standard_artifacts
from tfx.utils import path_utils

from components.serving_validator.config import ServingValidatorConfig
from components.serving_validator.replay import replay_windows
from components.window_examples.reader import read_windows
from schemas.artifact_files import SERVING_VALIDATION_FILE

_logger = logging.getLogger(__name__)

# TFX's own names, from tfx/components/infra_validator/executor.py:54-60.
_BLESSED_KEY = "blessed"
_MARKER_FILES = {True: "INFRA_BLESSED", False: "INFRA_NOT_BLESSED"}


class ServingValidatorSpec(component_spec.ComponentSpec):
    """Inputs, outputs and parameters of `ServingValidator`.

    `blessing` is a standard InfraBlessing: custom property `blessed` (0 or
    1), and `reason`, empty when blessed.

        <uri>/INFRA_BLESSED or INFRA_NOT_BLESSED   empty
        <uri>/serving_validation.json              the figures
    """

    PARAMETERS = {
        "config": component_spec.ExecutionParameter(type=str),
        "code_version": component_spec.ExecutionParameter(type=str),
    }
    INPUTS = {
        "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
        "examples": component_spec.ChannelParameter(
            type=standard_artifacts.Examples
        ),
        "model_blessing": component_spec.ChannelParameter(
            type=standard_artifacts.ModelBlessing
        ),
    }
    OUTPUTS = {
        "blessing": component_spec.ChannelParameter(
            type=standard_artifacts.InfraBlessing
        ),
    }


class Executor(base_executor.BaseExecutor):
    """Replays windows against the candidate, unless it is rejected already."""

    def Do(  # noqa: N802  (name in TFX)
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Called by TFX; see `ServingValidatorSpec` for the keys."""
        config = TypeAdapter(ServingValidatorConfig).validate_json(
            exec_properties["config"]
        )
        model, examples, model_blessing = (
            artifact_utils.get_single_instance(input_dict[key])
            for key in ("model", "examples", "model_blessing")
        )
        blessing = artifact_utils.get_single_instance(output_dict["blessing"])
        if not model_utils.is_model_blessed(model_blessing):
            reason = "not tried, because the Evaluator did not bless the model"
            _write_blessing(blessing, {"blessed": False, "reason": reason})
            return
        folder = artifact_utils.get_split_uri([examples], config.split)
        model_path = path_utils.serving_model_path(
            model.uri, path_utils.is_old_model_artifact(model)
        )
        findings = replay_windows(
            Path(model_path),
            # In file order, so that every run asks the same.
            list(itertools.islice(read_windows(folder), config.num_requests)),
            config,
        )
        _write_blessing(blessing, findings.build_report())


class ServingValidator(base_component.BaseComponent):
    """TFX component around `replay_windows`."""

    SPEC_CLASS = ServingValidatorSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        model: types.BaseChannel,
        examples: types.BaseChannel,
        model_blessing: types.BaseChannel,
        config: str,
        code_version: str,
    ):
        """Wires the component.

        Args:
            model: Model to validate.
            examples: window Examples with the split that is replayed.
            model_blessing: ModelBlessing of the Evaluator.
            config: `ServingValidatorConfig` as JSON.
            code_version: hash of the code, part of TFX's cache key.
        """
        spec = ServingValidatorSpec(
            model=model,
            examples=examples,
            model_blessing=model_blessing,
            config=config,
            code_version=code_version,
            blessing=types.Channel(type=standard_artifacts.InfraBlessing),
        )
        super().__init__(spec=spec)


def _write_blessing(blessing: types.Artifact, report: dict[str, Any]) -> None:
    is_blessed = report["blessed"]
    folder = Path(blessing.uri)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=2) + "\n"
    (folder / SERVING_VALIDATION_FILE).write_text(text, encoding="utf-8")
    (folder / _MARKER_FILES[is_blessed]).touch()
    blessing.set_int_custom_property(_BLESSED_KEY, int(is_blessed))
    blessing.set_string_custom_property("reason", report["reason"])
    if is_blessed:
        _logger.info("The candidate may be served: %s", report["latency_ms"])
    else:
        _logger.warning("The candidate may not be served: %s", report["reason"])
