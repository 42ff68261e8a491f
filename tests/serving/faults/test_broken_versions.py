"""A version that is not whole never takes the place of one that is."""

import shutil
from pathlib import Path

import pytest


def cut_graph(path: Path) -> None:
    graph = path / "saved_model.pb"
    graph.write_bytes(graph.read_bytes()[: graph.stat().st_size // 2])


def empty_graph(path: Path) -> None:
    (path / "saved_model.pb").write_bytes(b"")


def fill_graph_with_noise(path: Path) -> None:
    (path / "saved_model.pb").write_bytes(b"\xff\x00noise" * 100)


def lose_graph(path: Path) -> None:
    (path / "saved_model.pb").unlink()


def lose_variables(path: Path) -> None:
    shutil.rmtree(path / "variables")


def cut_variables(path: Path) -> None:
    for file in (path / "variables").iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def lose_everything(path: Path) -> None:
    shutil.rmtree(path)
    path.mkdir()


def become_a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("not a directory")


def become_a_dead_link(path: Path) -> None:
    shutil.rmtree(path)
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize(
    "spoil",
    [
        cut_graph,
        empty_graph,
        fill_graph_with_noise,
        lose_graph,
        lose_variables,
        cut_variables,
        lose_everything,
        become_a_file,
        become_a_dead_link,
    ],
)
def test_last_good_version_answers_and_status_tells_the_cause(
    asked, pusher, spoil
):
    pusher.push(2, spoil)
    code, text = asked.wait_for(2, "END")
    assert code != 0
    assert text
    assert asked.halve(4.0) == (3.0, 1)
    assert asked.read_states()[1] == ("AVAILABLE", 0, "")
    pusher.push(3)
    asked.wait_for(3, "AVAILABLE")
    assert asked.halve(4.0) == (5.0, 3)


def test_version_that_loses_its_files_while_it_serves_serves_on(asked, pusher):
    shutil.rmtree(pusher.base_path / "1" / "variables")
    (pusher.base_path / "1" / "saved_model.pb").write_bytes(b"")
    assert asked.halve(4.0) == (3.0, 1)
    pusher.push(2)
    asked.wait_for(2, "AVAILABLE")
    assert asked.halve(4.0) == (4.0, 2)


def test_version_that_comes_file_by_file_is_tried_again_after_it_left(
    asked, pusher
):
    # What a copy that is no rename does: the directory is there too early.
    slow = pusher.base_path / "2"
    slow.mkdir()
    asked.wait_for(2, "END")
    assert asked.halve(4.0) == (3.0, 1)
    # Taken away for a poll and pushed whole, it is loaded (SERVING rule H-07).
    slow.rmdir()
    asked.wait_for(1, "AVAILABLE")
    pusher.push(3)
    asked.wait_for(3, "AVAILABLE")
    assert asked.halve(4.0) == (5.0, 3)
