"""Which versions the configs of servers name, that are written by hand.

    model_config_list {
      config {
        name: "tastemaker"
        base_path: "/models/tastemaker"
        model_version_policy { specific { versions: 3 versions: 4 } }
        version_labels { key: "stable" value: 3 }
      }
    }

names 3 and 4, and serves 3.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from serving.model_server.serving_error import ServingError
from serving.model_server.settings.model_configs import ModelConfig
from serving.model_server.settings.model_configs import parse_base_path
from serving.model_server.settings.model_configs import read_model_config
from serving.version_labels import STABLE


@dataclass(frozen=True)
class VersionPins:
    """What servers rely on.

    Attributes:
        named: versions that a server may load.
        served: of these, what a server is asked for: `stable`, or else the
            highest that it loads; one for each server that does not simply
            take the newest.
    """

    named: frozenset[int]
    served: frozenset[int]


def read_version_pins(
    model_name: str, server_configs: Iterable[str]
) -> VersionPins:
    """Reads what server configs say of one model.

    Args:
        model_name: the model's name, or that of its folder.
        server_configs: paths of `models.config` files.

    Raises:
        ValueError: a file cannot be read, or is no such text proto.
    """
    named, served = set(), set()
    for file in server_configs:
        try:
            config = read_model_config(file)
        except ServingError as error:
            raise ValueError(
                "`pusher.server_configs` must name files of model servers, "
                "or a version that they pin could be deleted. Received: "
                f"{file}: {error.message}."
            ) from error
        for model in config.model_config_list.config:
            # Elsewhere the directory may be mounted under another path.
            folder = parse_base_path(model.base_path).name
            if model_name in (model.name, folder):
                named.update(model.model_version_policy.specific.versions)
                named.update(model.version_labels.values())
                served.update(_find_served(model))
    return VersionPins(frozenset(named), frozenset(served))


def _find_served(model: ModelConfig) -> list[int]:
    if STABLE in model.version_labels:
        return [model.version_labels[STABLE]]
    return sorted(model.model_version_policy.specific.versions)[-1:]
