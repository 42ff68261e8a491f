"""One YAML file describes one pipeline. Free of TensorFlow, TFX and Beam."""

import dataclasses
import types
import typing
from collections.abc import Hashable
from dataclasses import field
from pathlib import Path
from typing import Annotated
from typing import Any

import yaml
from pydantic import Field
from pydantic import NonNegativeInt
from pydantic import TypeAdapter
from pydantic import ValidationError
from pydantic.dataclasses import dataclass

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.config import SplitConfig
from components.behavior_validator.config import BehaviorValidatorConfig
from components.evaluator.config import EvaluatorConfig
from components.pusher.config import PusherConfig
from components.serving_validator.config import ServingValidatorConfig
from trainer.config import TrainerConfig

# Kubeflow allows no other names.
PipelineName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,127}$")]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class PipelineConfig:
    """Everything a run depends on, apart from where its state is kept."""

    name: PipelineName
    dataset: DatasetConfig
    splits: SplitConfig = field(default_factory=SplitConfig)
    span: NonNegativeInt | None = None  # None = the newest span there is
    validation: BehaviorValidatorConfig = field(
        default_factory=BehaviorValidatorConfig
    )
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    evaluator: EvaluatorConfig = field(default_factory=EvaluatorConfig)
    serving_validation: ServingValidatorConfig = field(
        default_factory=ServingValidatorConfig
    )
    pusher: PusherConfig = field(default_factory=PusherConfig)
    beam_args: tuple[str, ...] = (
        # By name, because Beam's default runner tries a download first.
        "--runner=FnApiRunner",
        # Any image name keeps TFX from packing itself for remote workers.
        "--sdk_container_image=unused",
    )


class ConfigError(ValueError):
    """The configuration file cannot be used as it is."""


def load_config(path: str | Path) -> PipelineConfig:
    """Reads a pipeline's settings.

    Args:
        path: a YAML file.

    Returns:
        The settings, defaults filled in.

    Raises:
        ConfigError: the file cannot be read, is no YAML mapping, or holds a
            key, type or value that is not allowed; the message names the
            path of the key and, for an unknown key, the allowed ones.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"`CONFIG` must be a readable YAML file. Received: {path} ({error})"
        ) from error
    try:
        values = yaml.load(text, Loader=_UniqueKeyLoader)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} must be YAML. Received: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(
            f"{path} must hold `key: value` lines. "
            f"Received: {type(values).__name__}."
        )
    try:
        return TypeAdapter(PipelineConfig).validate_python(values)
    except ValidationError as error:
        problems = [_describe(problem) for problem in error.errors()]
        raise ConfigError("\n".join([f"{path}:", *problems])) from error


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that stands twice; YAML would keep the last one."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"the key `{twice[0]}` stands twice",
                node.start_mark,
            )
        return super().construct_mapping(node, deep)


def _describe(problem: dict[str, Any]) -> str:
    location = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "unexpected_keyword_argument":
        allowed = sorted(_allowed_keys(problem["loc"][:-1]))
        return (
            f"  `{location}` is not a setting. "
            f"Allowed here: {', '.join(allowed)}."
        )
    if problem["type"] == "missing":
        return f"  `{location}` must be set."
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error":
        return f"  `{location}`: {message}"
    return f"  `{location}`: {message}. Received: {problem['input']!r}."


def _allowed_keys(location: tuple[int | str, ...]) -> set[str]:
    """Finds the keys of the config class that stands at `location`."""
    classes = [PipelineConfig]
    for part in location:
        below = []
        for config in classes:
            hints = typing.get_type_hints(config)
            if part in hints:
                below += _config_classes(hints[part])
        # List indices and tags of unions are no keys: stay where we are.
        classes = below or classes
    return {f.name for config in classes for f in dataclasses.fields(config)}


def _config_classes(hint: Any) -> list[type]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return [hint]
    if isinstance(hint, types.GenericAlias | types.UnionType) or (
        typing.get_origin(hint) is not None
    ):
        return [
            found
            for argument in typing.get_args(hint)
            for found in _config_classes(argument)
        ]
    return []
