"""Modules in a file: back with settings and values, in their order."""

import h5py
import numpy as np
import tensorflow as tf

from trainer.backbone.modules import BottleneckAdapters
from trainer.backbone.modules import ScenarioAdapters
from trainer.backbone.modules import SoftPrompts
from trainer.backbone.modules.storage import load_modules
from trainer.backbone.modules.storage import save_modules


def test_modules_come_back_as_they_were(tmp_path):
    path = str(tmp_path / "some.weights.h5")
    h5py.File(path, "w").close()
    modules = [
        SoftPrompts(2, 4, 3),
        BottleneckAdapters(2, 4, 3, seed=1),
        ScenarioAdapters(["bücher", "films"], 4, 2, seed=1),
    ]
    for module in modules:
        for index, variable in enumerate(module.variables):
            variable.assign(
                tf.random.stateless_normal(variable.shape, [5, index])
            )
    save_modules(path, modules)
    for one, other in zip(load_modules(path), modules, strict=True):
        assert type(one) is type(other)
        assert one.settings == other.settings
        for value, expected in zip(one.variables, other.variables, strict=True):
            np.testing.assert_array_equal(value, expected)


def test_file_without_modules_gives_none(tmp_path):
    path = str(tmp_path / "some.weights.h5")
    h5py.File(path, "w").close()
    assert load_modules(path) == []
