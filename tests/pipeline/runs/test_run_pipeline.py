"""Arguments of a run are checked before anything starts."""

import pytest

from pipeline.config import load_config
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_folder import RunFolderBusyError
from pipeline.runs.run_pipeline import NodeRange
from pipeline.runs.run_pipeline import locate
from pipeline.runs.run_pipeline import run_pipeline


@pytest.fixture
def config(shop):
    return load_config(shop.write_config("shop"))


@pytest.mark.parametrize(
    "nodes", [NodeRange(first="Trainr"), NodeRange(last="Trainr")]
)
def test_unknown_node_is_refused_with_the_known_ones(config, tmp_path, nodes):
    with pytest.raises(ValueError, match=r"TowerTrainer.*Received: Trainr"):
        run_pipeline(config, RunFolder(tmp_path), print, nodes=nodes)


def test_folder_in_use_is_refused(config, tmp_path):
    folder = RunFolder(tmp_path)
    with folder.lock(), pytest.raises(RunFolderBusyError):
        run_pipeline(config, folder, print)


def test_all_state_is_below_the_root(tmp_path):
    locations = locate(RunFolder(tmp_path))
    for path in vars(locations).values():
        assert path.startswith(str(tmp_path))
