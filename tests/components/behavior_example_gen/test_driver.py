import json

import ml_metadata as mlmd
import pytest
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import compiler
from tfx.orchestration import metadata
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.orchestration.local import local_dag_runner

from components.behavior_example_gen import component
from components.behavior_example_gen import driver


def _config(folder, **dataset) -> str:
    dataset["events"] = {
        "path": str(folder / "e-{SPAN}.csv"),
        "columns": {"user_id": "u", "item_id": "i", "timestamp": "t"},
        "default_event_type": "view",
    }
    dataset["items"] = {
        "path": str(folder / "i.csv"),
        "columns": {"item_id": "i", "title": "t"},
    }
    return json.dumps({"dataset": dataset})


@pytest.fixture
def data(tmp_path):
    rows = "u,i,t\n" + "".join(f"u,a,{t}\n" for t in range(9))
    (tmp_path / "e-1.csv").write_text(rows)
    (tmp_path / "i.csv").write_text("i,t\na,Alpha\n")
    return tmp_path


def test_parameters_become_concrete(data):
    found = driver.resolve_exec_properties({"config": _config(data)})
    config = json.loads(found["config"])
    assert config["dataset"]["events"]["path"] == str(data / "e-1.csv")
    assert found["span"] == 1
    assert len(found["input_fingerprint"]) == 40  # hexadecimal of 20 bytes


def test_other_key_is_another_input(data):
    found = []
    for key in ("0123456789abcdef", "fedcba9876543210"):
        (data / "key").write_text(key)
        config = _config(data, pseudonymise_key_file=str(data / "key"))
        found.append(driver.resolve_exec_properties({"config": config}))
    assert found[0]["input_fingerprint"] != found[1]["input_fingerprint"]


def _run(data) -> str:
    """Runs the component in TFX; returns the state of its execution."""
    connection = metadata.sqlite_metadata_connection_config(
        str(data / "metadata.sqlite")
    )
    example_gen = component.BehaviorExampleGen(
        config=_config(data), code_version="1"
    )
    local_dag_runner.LocalDagRunner().run(
        tfx_pipeline.Pipeline(
            pipeline_name="ingest",
            pipeline_root=str(data / "root"),
            components=[example_gen],
            enable_cache=True,
            metadata_connection_config=connection,
            beam_pipeline_args=[
                "--runner=FnApiRunner",
                "--sdk_container_image=unused",
            ],
        )
    )
    executions = mlmd.MetadataStore(connection).get_executions()
    last = max(executions, key=lambda one: one.id)
    states = metadata_store_pb2.Execution.State
    return states.Name(last.last_known_state)


def test_cache_holds_until_a_byte_or_the_span_changes(data):
    assert _run(data) == "COMPLETE"
    assert _run(data) == "CACHED"
    path = data / "e-1.csv"
    path.write_text(path.read_text().replace("u,a,8", "u,a,7"))
    assert _run(data) == "COMPLETE"
    assert _run(data) == "CACHED"
    (data / "e-2.csv").write_text(path.read_text())
    assert _run(data) == "COMPLETE"


def test_component_compiles_with_its_driver(data):
    example_gen = component.BehaviorExampleGen(
        config=_config(data), code_version="1", span=1
    )
    compiled = compiler.Compiler().compile(
        tfx_pipeline.Pipeline(
            pipeline_name="ingest",
            pipeline_root="root",
            components=[example_gen],
        )
    )
    (node,) = compiled.nodes
    outputs = node.pipeline_node.outputs.outputs
    assert set(outputs) == {"examples", "catalog", "rejects"}
