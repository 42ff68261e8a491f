"""Pusher: copies a blessed model to the folder of the model server."""

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

from components.pusher.config import PusherConfig
from components.pusher.version_store import VersionStore

_logger = logging.getLogger(__name__)

PUSH_FILE = "push.json"


class PusherSpec(component_spec.ComponentSpec):
    """Inputs, outputs and parameters of `Pusher`.

    `pushed_model` carries TFX's own custom properties `pushed` (0 or 1),
    `pushed_destination` and `pushed_version`, and `is_new_version`. Its
    `<uri>/push.json` says the same; the artifact holds no copy of the model.
    """

    PARAMETERS = {
        "serving_uri": component_spec.ExecutionParameter(type=str),
        "config": component_spec.ExecutionParameter(type=str),
        "run_id": component_spec.ExecutionParameter(type=str),
    }
    INPUTS = {
        "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
        "model_blessing": component_spec.ChannelParameter(
            type=standard_artifacts.ModelBlessing
        ),
        "infra_blessing": component_spec.ChannelParameter(
            type=standard_artifacts.InfraBlessing
        ),
    }
    OUTPUTS = {
        "pushed_model": component_spec.ChannelParameter(
            type=standard_artifacts.PushedModel
        ),
    }


class Executor(base_executor.BaseExecutor):
    """Pushes if both blessings are there, else sets `pushed` to 0."""

    def Do(  # noqa: N802  (name in TFX)
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Called by TFX; see `PusherSpec` for the keys."""
        config = TypeAdapter(PusherConfig).validate_json(
            exec_properties["config"]
        )
        model, model_blessing, infra_blessing = (
            artifact_utils.get_single_instance(input_dict[key])
            for key in ("model", "model_blessing", "infra_blessing")
        )
        pushed_model = artifact_utils.get_single_instance(
            output_dict["pushed_model"]
        )
        refusal = _find_refusal(model_blessing, infra_blessing)
        if refusal:
            _logger.warning("Not pushed: %s", refusal)
            pushed_model.set_int_custom_property("pushed", 0)
            _write_summary(pushed_model, {"pushed": 0, "reason": refusal})
            return

        model_path = path_utils.serving_model_path(
            model.uri, path_utils.is_old_model_artifact(model)
        )
        push = VersionStore(exec_properties["serving_uri"], config).push(
            Path(model_path)
        )
        summary = {
            "pushed": 1,
            "pushed_destination": str(push.path),
            "pushed_version": str(push.version),
            "is_new_version": int(push.is_new),
        }
        for name, value in summary.items():
            if isinstance(value, int):
                pushed_model.set_int_custom_property(name, value)
            else:
                pushed_model.set_string_custom_property(name, value)
        _write_summary(pushed_model, summary)
        _logger.info("Version %d serves from %s", push.version, push.path)


class Pusher(base_component.BaseComponent):
    """TFX component around `VersionStore`."""

    SPEC_CLASS = PusherSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        model: types.BaseChannel,
        model_blessing: types.BaseChannel,
        infra_blessing: types.BaseChannel,
        serving_uri: str,
        config: str,
        run_id: str,
    ):
        """Wires the component.

        Args:
            model: Model to push.
            model_blessing: ModelBlessing of the Evaluator.
            infra_blessing: InfraBlessing of the ServingValidator.
            serving_uri: directory that holds a folder of versions per model.
            config: `PusherConfig` as JSON.
            run_id: differs from run to run, so that TFX's cache never
                mistakes an emptied serving directory for a pushed model.
        """
        spec = PusherSpec(
            model=model,
            model_blessing=model_blessing,
            infra_blessing=infra_blessing,
            serving_uri=serving_uri,
            config=config,
            run_id=run_id,
            pushed_model=types.Channel(type=standard_artifacts.PushedModel),
        )
        super().__init__(spec=spec)


def _find_refusal(
    model_blessing: types.Artifact, infra_blessing: types.Artifact
) -> str | None:
    if not model_utils.is_model_blessed(model_blessing):
        return "the Evaluator did not bless the model"
    if not model_utils.is_infra_validated(infra_blessing):
        return "the ServingValidator did not bless the model"
    return None


def _write_summary(pushed_model: types.Artifact, summary: dict) -> None:
    folder = Path(pushed_model.uri)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(summary, indent=2) + "\n"
    (folder / PUSH_FILE).write_text(text, encoding="utf-8")
