"""A pipeline of two nodes that takes seconds: speak, then listen."""

import json
import os
import signal
import time
from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact
from tfx.dsl.component.experimental.annotations import OutputArtifact
from tfx.dsl.component.experimental.annotations import Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.common.resolver import Resolver
from tfx.dsl.input_resolution.strategies.latest_artifact_strategy import (
    LatestArtifactStrategy,
)
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts
from tfx.types.channel import Channel

from components.evaluator.figures import FIGURES_FILE
from pipeline.runs.run_folder import RunFolder
from schemas.artifact_types import Rejects

FAIL, DIE = "fail", "die"


@component
def Speaker(
    text: OutputArtifact[standard_artifacts.Schema], words: Parameter[str]
):
    Path(text.uri, "words.txt").write_text(words)


@component
def Listener(
    text: InputArtifact[standard_artifacts.Schema],
    heard: OutputArtifact[standard_artifacts.ModelBlessing],
    mood: Parameter[str],
):
    Path(heard.uri, "partial.txt").write_text("half a")
    if mood == FAIL:
        raise ValueError("the speaker must\nspeak up. Received: a whisper.")
    if mood == DIE:
        os.kill(os.getpid(), signal.SIGKILL)
    words = Path(text.uri, "words.txt").read_text()
    time.sleep(0.01)
    heard.set_int_custom_property("blessed", len(words))


@component
def Measurer(
    examples: OutputArtifact[standard_artifacts.Examples],
    rejects: OutputArtifact[Rejects],
    evaluation: OutputArtifact[standard_artifacts.ModelEvaluation],
    num_events: Parameter[int],
):
    """Leaves what the status of a run is read from."""
    counts = {"events": {"used": num_events}, "items": {"used": 2}}
    Path(rejects.uri, "counts.json").write_text(json.dumps(counts))
    figures = {
        "is_ok": True,
        "metrics": {"": {"candidate": {"ndcg_at_10": 1 / num_events}}},
        "thresholds": [],
    }
    Path(evaluation.uri, FIGURES_FILE).write_text(json.dumps(figures))


@component
def Publisher(
    pushed: OutputArtifact[standard_artifacts.PushedModel],
    destination: Parameter[str],
):
    pushed.set_int_custom_property("pushed", 1)
    pushed.set_string_custom_property("pushed_destination", destination)


def build_tiny_pipeline(
    folder: RunFolder, words: str = "hello", mood: str = "calm"
) -> Pipeline:
    speaker = Speaker(words=words)
    listener = Listener(text=speaker.outputs["text"], mood=mood)
    return _build(folder, [speaker, listener])


def build_push_pipeline(folder: RunFolder, version_path: Path) -> Pipeline:
    """Builds one that claims to have pushed a version."""
    return _build(folder, [Publisher(destination=str(version_path))])


def build_measured_pipeline(folder: RunFolder, num_events: int) -> Pipeline:
    """Builds one that measures NDCG as 1 / `num_events`."""
    return _build(folder, [Measurer(num_events=num_events)])


def build_pipeline_without_input(folder: RunFolder) -> Pipeline:
    """Builds one whose listener waits for what nobody ever spoke."""
    resolver = Resolver(
        strategy_class=LatestArtifactStrategy,
        text=Channel(type=standard_artifacts.Schema),
    ).with_id("Absent")
    listener = Listener(text=resolver.outputs["text"], mood="calm")
    return _build(folder, [resolver, listener])


def _build(folder: RunFolder, components: list) -> Pipeline:
    folder.root.mkdir(parents=True, exist_ok=True)
    return Pipeline(
        pipeline_name="tiny",
        pipeline_root=str(folder.artifacts_path),
        components=components,
        enable_cache=True,
        metadata_connection_config=sqlite_metadata_connection_config(
            str(folder.metadata_path)
        ),
    )
