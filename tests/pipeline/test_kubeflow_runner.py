"""The compiled spec is one that Kubeflow Pipelines v2 can read."""

import importlib
import json

import pytest
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

from pipeline.commands import cli

IMAGE = "registry.example/tastemaker:7"
EXECUTORS = "tfx.orchestration.kubeflow.v2.container"


@pytest.fixture(scope="module")
def job(shop, tmp_path_factory):
    output = tmp_path_factory.mktemp("kubeflow") / "shop.json"
    arguments = ["--output", str(output), "--image", IMAGE]
    config = str(shop.write_config("shop"))
    assert cli.main(["compile", config, *arguments]) == cli.EXIT_OK
    return json.loads(output.read_text())


@pytest.fixture(scope="module")
def spec(job):
    """Parses strictly: a field that the schema does not know is an error."""
    return json_format.ParseDict(
        job["pipelineSpec"], pipeline_spec_pb2.PipelineSpec()
    )


def test_spec_holds_every_stage(spec):
    stages = {"BehaviorExampleGen", "TowerTrainer", "Evaluator", "Pusher"}
    assert stages <= set(spec.root.dag.tasks)
    assert spec.pipeline_info.name == "shop"


def test_task_runs_a_component_that_the_spec_defines(spec):
    for name, task in spec.root.dag.tasks.items():
        assert task.component_ref.name in spec.components, name


def test_container_starts_an_executor_that_can_be_imported(job):
    executors = job["pipelineSpec"]["deploymentSpec"]["executors"]
    containers = {
        name: executor["container"]
        for name, executor in executors.items()
        if "container" in executor
    }
    assert len(containers) >= 12
    for name, container in containers.items():
        assert container["image"] == IMAGE, name
        arguments = container["args"]
        flag = arguments.index("--executor_class_path")
        module, _, attribute = arguments[flag + 1].rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), name


def test_stage_waits_for_what_it_reads(spec):
    tasks = spec.root.dag.tasks
    assert "BehaviorValidator" in tasks["Transform"].dependent_tasks
    producers = {
        artifact.task_output_artifact.producer_task
        for artifact in tasks["TowerTrainer"].inputs.artifacts.values()
    }
    assert {"BehaviorExampleGen", "Transform", "ItemEncoder"} <= producers


def test_run_id_is_a_parameter_of_the_run(spec):
    assert "run-id" in spec.root.input_definitions.parameters
