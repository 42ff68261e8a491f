"""Which sources a configuration may name."""

import subprocess
import sys

import numpy as np
import pytest

from trainer.config import TowerConfig
from trainer.inputs.item_table import ItemTable
from trainer.sources import build_sources
from trainer.sources import list_columns
from trainer.sources import read_settings


def test_sources_keep_the_order_of_the_configuration():
    items = ItemTable(
        item_ids=np.array(["a"], object),
        text_vectors=np.ones((1, 2), np.float32),
        category_ids=np.array([[-1]], np.int32),
        categories=(),
        counts=np.array([1], np.int64),
        prices=np.array([np.nan], np.float32),
        created_at=np.array([np.nan]),
    )
    config = TowerConfig(sources={"id": {}, "text": {}})
    assert list(build_sources(items, config)) == ["id", "text"]


def test_default_sources_read_no_further_columns():
    assert list_columns(TowerConfig()) == []


def test_unknown_source_is_named():
    with pytest.raises(ValueError, match=r"'id'.*\['pirce'\]"):
        TowerConfig(sources={"text": {}, "pirce": {}})


def test_needs_must_be_read_by_something():
    with pytest.raises(ValueError, match=r"need.*Received: \['id'\]"):
        read_settings({"id": {}})


def test_default_configuration_is_read_without_tensorflow():
    code = (
        "import sys; from trainer.config import TrainerConfig; TrainerConfig();"
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
