"""One YAML file describes one pipeline. Free of TensorFlow, TFX and Beam."""

from dataclasses import field
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic import NonNegativeInt
from pydantic import TypeAdapter
from pydantic import ValidationError
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.split_config import SplitConfig
from components.behavior_example_gen.split_config import check_order
from components.behavior_validator.config import BehaviorValidatorConfig
from components.evaluator.config import EvaluatorConfig
from components.item_encoder.config import VectorStoreConfig
from components.pusher.config import PusherConfig
from components.serving_validator.config import ServingValidatorConfig
from schemas.settings_file import describe_problems
from schemas.settings_file import read_settings
from trainer.config import TrainerConfig

# Kubeflow allows no other names.
PipelineName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,127}$")]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class PipelineConfig:
    """All settings of a run, apart from where its state is kept."""

    name: PipelineName
    dataset: DatasetConfig
    splits: SplitConfig = field(default_factory=SplitConfig)
    span: NonNegativeInt | None = None  # None = the newest span there is
    validation: BehaviorValidatorConfig = field(
        default_factory=BehaviorValidatorConfig
    )
    item_vectors: VectorStoreConfig = field(default_factory=VectorStoreConfig)
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

    @model_validator(mode="after")
    def _check(self) -> "PipelineConfig":
        check_order(self.dataset, self.splits)
        half_life = self.trainer.linear.recency_half_life_days
        if half_life is not None and not self.dataset.has_times():
            raise ValueError(
                "`trainer.linear.recency_half_life_days` must not be set where"
                " events have no times. Received: recency_half_life_days="
                f"{half_life}."
            )
        return self


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
        values = read_settings(Path(path))
        return TypeAdapter(PipelineConfig).validate_python(values)
    except OSError as error:
        raise ConfigError(
            f"`CONFIG` must be a readable YAML file. Received: {path} ({error})"
        ) from error
    except ValidationError as error:
        problems = describe_problems(error, PipelineConfig)
        raise ConfigError("\n".join([f"{path}:", *problems])) from error
    except ValueError as error:
        raise ConfigError(str(error)) from error
