"""Each node says when it starts and how long it took."""

import logging
import re

from pipeline.runs.node_progress import NodeProgress


def _record(message, *arguments):
    return logging.LogRecord(
        "absl", logging.INFO, "f", 1, message, arguments, None
    )


def test_lines_count_nodes_and_tell_seconds():
    lines = []
    progress = NodeProgress(2, lines.append)
    progress.handle(_record("Component %s is running.", "StatisticsGen"))
    assert progress.running_node == "StatisticsGen"
    progress.handle(_record("Component %s is finished.", "StatisticsGen"))
    assert lines[0] == "[ 1/2] StatisticsGen ..."
    assert re.search(r"StatisticsGen: done in \d+\.\d s", lines[1])
    assert progress.running_node is None


def test_part_of_a_pipeline_counts_without_a_total():
    lines = []
    progress = NodeProgress(None, lines.append)
    progress.handle(_record("Component %s is running.", "Evaluator"))
    assert lines == ["[ 1] Evaluator ..."]


def test_cached_node_is_told_apart_and_the_next_one_is_not():
    lines = []
    progress = NodeProgress(2, lines.append)
    for node_id, is_cached in (("A", True), ("B", False)):
        progress.handle(_record("node %s is running.", node_id))
        if is_cached:
            progress.handle(_record("A cached execution %d is used.", 7))
        progress.handle(_record("node %s is finished.", node_id))
    assert "A: unchanged, reused" in lines[1]
    assert "B: done" in lines[3]


def test_missing_input_is_remembered_with_its_cause():
    lines = []
    progress = NodeProgress(1, lines.append)
    progress.handle(_record("Component %s is running.", "Trainer"))
    progress.handle(
        _record("[%s] Input resolution error: %s", "Trainer", "no examples")
    )
    progress.handle(_record("Component %s is finished.", "Trainer"))
    assert progress.input_errors == {"Trainer": "no examples"}
    assert "failed" in lines[1]


def test_what_a_node_found_stands_below_it():
    lines = []
    progress = NodeProgress(1, lines.append, lambda node: [f"{node}: 7 rows"])
    progress.handle(_record("Component %s is running.", "Ingest"))
    progress.handle(_record("Component %s is finished.", "Ingest"))
    assert "done" in lines[1]
    assert lines[2].strip() == "Ingest: 7 rows"


def test_other_log_lines_are_left_alone():
    lines = []
    NodeProgress(1, lines.append).handle(_record("Step %d", 3))
    assert lines == []
