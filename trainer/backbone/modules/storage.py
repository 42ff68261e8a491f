"""Stores the modules of a backbone in the file of its weights."""

import json
from collections.abc import Sequence

import h5py

from trainer.backbone.modules.bottleneck_adapters import BottleneckAdapters
from trainer.backbone.modules.scenario_adapters import ScenarioAdapters
from trainer.backbone.modules.soft_prompts import SoftPrompts

BackboneModule = BottleneckAdapters | ScenarioAdapters | SoftPrompts

_GROUP = "backbone_modules"  # beside the groups that Keras makes
_CLASSES = {
    one.KIND: one for one in (BottleneckAdapters, ScenarioAdapters, SoftPrompts)
}


def save_modules(path: str, modules: Sequence[BackboneModule]) -> None:
    """Adds modules to an HDF5 file.

    Args:
        path: an existing file that Keras saved weights to.
        modules: written as `backbone_modules/<n>`: settings as attributes,
            variables in their order.
    """
    with h5py.File(path, "a") as file:
        for index, module in enumerate(modules):
            group = file.create_group(f"{_GROUP}/{index}")
            group.attrs["kind"] = module.KIND
            group.attrs["settings"] = json.dumps(module.settings)
            for place, variable in enumerate(module.variables):
                group[str(place)] = variable.numpy()


def load_modules(path: str) -> list[BackboneModule]:
    """Builds the modules that `save_modules` wrote, if any."""
    modules = []
    with h5py.File(path, "r") as file:
        for index in range(len(file.get(_GROUP, ()))):
            group = file[f"{_GROUP}/{index}"]
            settings = json.loads(group.attrs["settings"])
            module = _CLASSES[group.attrs["kind"]](**settings)
            for place, variable in enumerate(module.variables):
                variable.assign(group[str(place)][()])
            modules.append(module)
    return modules
