"""The stages are wired in the order in which data flows."""

import ast
from pathlib import Path

import pytest

from pipeline import pipeline as wiring
from pipeline.config import load_config
from pipeline.pipeline import create_pipeline
from pipeline.runs.code_version import compute_code_version
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_pipeline import locate

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def build(shop, tmp_path):
    def build(run_id="one", **changes):
        config = load_config(shop.write_config("wired", **changes))
        locations = locate(RunFolder(tmp_path / "run"))
        pipeline = create_pipeline(config, locations, run_id)
        return {component.id: component for component in pipeline.components}

    return build


def _upstream(component):
    return {node.id for node in component.upstream_nodes}


def test_nothing_learns_before_the_data_is_validated(build):
    nodes = build()
    for node_id in ("Transform", "ItemEncoder"):
        assert "BehaviorValidator" in _upstream(nodes[node_id])
    assert {"Transform", "ItemEncoder"} <= _upstream(nodes["TowerTrainer"])


def test_push_waits_for_both_gates(build):
    assert {"Evaluator", "ServingValidator"} <= _upstream(build()["Pusher"])


def test_gate_waits_for_the_resolver_with_what_it_cannot_do_without(build):
    # TFX runs on behind a failed resolver, and a baseline is optional.
    examples = build()["Evaluator"].inputs["examples"]
    assert examples.producer_component_id == "ServedModelResolver"


@pytest.mark.parametrize("may_worsen_by", [0.1, None])
def test_resolver_is_told_what_the_candidate_is(build, may_worsen_by):
    threshold = {"metric": "mrr", "at_least": 0.1}
    if may_worsen_by is not None:
        threshold["may_worsen_by"] = may_worsen_by
    nodes = build(
        evaluator={"thresholds": [threshold]},
        pusher={"server_configs": ["/etc/models.config"]},
    )
    properties = str(nodes["ServedModelResolver"].exec_properties)
    assert "/etc/models.config" in properties
    for said in (
        "'repeats': False",
        f"'is_required': {may_worsen_by is not None}",
    ):
        assert said in properties


def test_only_the_push_depends_on_the_run(build):
    first, second = build("one"), build("two")
    changed = {
        node_id
        for node_id in first
        if first[node_id].exec_properties != second[node_id].exec_properties
    }
    assert changed == {"Pusher"}


def test_cache_of_the_evaluator_notices_edited_metrics(build):
    evaluator = build()["Evaluator"]
    assert evaluator.exec_properties["code_version"] == compute_code_version(
        ("schemas", "components/evaluator")
    )


def _list_imported_components(package):
    """Names the packages of components/ that a package's modules import."""
    found = set()
    for path in (_ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{one.name}" for one in node.names]
            elif isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            else:
                continue
            parts = [name.split(".") for name in names]
            found |= {p[1] for p in parts if p[0] == "components" and p[1:]}
    return {f"components/{name}" for name in found}


def test_cache_of_a_stage_notices_edits_of_what_it_imports(build, monkeypatch):
    hashed = []

    def record(packages):
        hashed.append(packages)
        return compute_code_version(packages)

    monkeypatch.setattr(wiring, "compute_code_version", record)
    build()
    missing = {
        package: imported - set(packages)
        for packages in hashed
        for package in packages
        if package.startswith("components/")
        and (imported := _list_imported_components(package)) - set(packages)
    }
    assert any("components/window_examples" in one for one in hashed)
    assert not missing


def test_setting_of_a_stage_changes_that_stage_alone(build):
    first, second = build(), build(pusher={"keep_versions": 2})
    changed = {
        node_id
        for node_id in first
        if first[node_id].exec_properties != second[node_id].exec_properties
    }
    assert changed == {"Pusher"}


def test_data_is_held_against_the_curated_schema(build):
    nodes = build()
    assert "ImportSchemaGen" in _upstream(nodes["ExampleValidator"])
    assert "SchemaGen" not in _upstream(nodes["Transform"])
