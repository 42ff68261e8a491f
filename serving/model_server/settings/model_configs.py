"""Which models to serve: `ModelServerConfig`, read and checked.

    model_config_list {
      config {
        name: "tastemaker"
        base_path: "/models/tastemaker"
        model_platform: "tensorflow"
        model_version_policy { latest { num_versions: 2 } }
        version_labels { key: "stable" value: 3 }
      }
    }

Source: tensorflow_serving/model_servers/server_core.cc:78-182 and
server.cc:183-202 (SERVING rules O-13, Q-05, Q-10).
"""

from pathlib import Path

from serving.model_server.serving_error import failed_precondition
from serving.model_server.serving_error import invalid_argument
from serving.model_server.settings.config_protos import read_text_proto
from serving.protos import model_server_config_pb2

ModelConfig = model_server_config_pb2.ModelConfig
ModelServerConfig = model_server_config_pb2.ModelServerConfig

_PLATFORM = "tensorflow"
_LIST = "model_config_list"
_FILE_SCHEME = "file://"


def build_single_model_config(
    model_name: str, base_path: str | Path
) -> ModelServerConfig:
    """Builds the config for `--model_name` and `--model_base_path`."""
    config = ModelServerConfig()
    config.model_config_list.config.add(
        name=model_name, base_path=str(base_path), model_platform=_PLATFORM
    )
    return config


def read_model_config(path: str | Path) -> ModelServerConfig:
    """Reads `--model_config_file`.

    Raises:
        ServingError: it cannot be read, or is no such text proto.
    """
    return read_text_proto(path, ModelServerConfig())


def parse_base_path(base_path: str) -> Path:
    """Turns an absolute path or a `file://` URI into a path."""
    return Path(base_path.removeprefix(_FILE_SCHEME))


def check_model_config(
    config: ModelServerConfig, current: ModelServerConfig
) -> None:
    """Checks a list of models before anything is changed for it.

    Args:
        config: what is asked for.
        current: what is in force; an empty one at the start.

    Raises:
        ServingError: the list contradicts itself or `current`.
    """
    kind = current.WhichOneof("config")
    if kind is not None and not (kind == config.WhichOneof("config") == _LIST):
        raise failed_precondition(
            "Cannot transition to requested config. It is only legal to "
            "transition from one ModelConfigList to another."
        )
    if config.WhichOneof("config") == "custom_model_config":
        raise invalid_argument(
            "ModelServer does not yet support custom model config."
        )
    _check_list(config.model_config_list.config)
    # What is in force may be a config that was refused halfway. TF Serving
    # would refuse every later one for that; here it names no platform.
    platforms = {
        model.name: model.model_platform or _PLATFORM
        for model in current.model_config_list.config
    }
    for model in config.model_config_list.config:
        old = platforms.get(model.name)
        if old is not None and _find_platform(model) != old:
            raise invalid_argument(
                "Illegal to change a model's platform. For model "
                f"{model.name} platform was {old} and new platform requested "
                f"is {_find_platform(model)}"
            )


def check_platforms(config: ModelServerConfig) -> None:
    """Checks that this server can load every model of the list.

    TF Serving checks this after it assigned the labels, so that it is a
    function of its own.

    Raises:
        ServingError: a model needs what this server does not have.
    """
    for model in config.model_config_list.config:
        platform = _find_platform(model)
        if platform != _PLATFORM:
            raise invalid_argument(
                f"Model {model.name} requests unsupported platform {platform}"
            )
        if model.HasField("logging_config"):
            raise invalid_argument("No request-logger-creator provided.")


def _check_list(models: list[ModelConfig]) -> None:
    names = set()
    for model in models:
        if model.name in names:
            raise invalid_argument(
                f"Illegal to list model {model.name} multiple times in config "
                "list"
            )
        names.add(model.name)
    for model in models:
        if not model.base_path.startswith(("/", _FILE_SCHEME)):
            if "://" in model.base_path:
                raise invalid_argument(
                    f"Model {model.name} must have a base path on a mounted "
                    f"file system. Received: {model.base_path}"
                )
            raise invalid_argument(
                f"Expected model {model.name} to have an absolute path or "
                f"URI; got base_path()={model.base_path}"
            )


def _find_platform(model: ModelConfig) -> str:
    if model.model_type:
        if model.model_platform:
            raise invalid_argument(
                "Illegal setting both ModelServerConfig::model_type "
                "(deprecated) and ModelServerConfig::model_platform."
            )
        if model.model_type != model_server_config_pb2.TENSORFLOW:
            raise invalid_argument(
                f"ModelServerConfig::model_type choice {model.model_type} not "
                "supported."
            )
        return _PLATFORM
    if not model.model_platform:
        raise invalid_argument(
            "Illegal setting neither ModelServerConfig::model_type "
            "(deprecated) nor ModelServerConfig::model_platform."
        )
    return model.model_platform
