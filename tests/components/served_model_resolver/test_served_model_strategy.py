"""Whatever was pushed, blessed and labelled: the baseline is what serves."""

import shutil
from pathlib import Path

import pytest
from tfx.dsl.component.experimental.annotations import InputArtifact
from tfx.dsl.component.experimental.annotations import OutputArtifact
from tfx.dsl.component.experimental.annotations import Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.common.resolver import Resolver
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.metadata import Metadata
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.orchestration.portable.input_resolution import exceptions
from tfx.types import artifact_utils
from tfx.types import standard_artifacts
from tfx.types.channel import Channel

from components.pusher.component import Pusher
from components.pusher.config import PusherConfig
from components.served_model_resolver.served_model_strategy import (
    ServedModelStrategy,
)
from schemas.model_facts import ModelFacts
from schemas.model_facts import write_model_facts
from schemas.signatures import MODEL_NAME
from serving.version_labels import set_label
from serving.version_labels import write_models_config


@component
def Judge(
    model: OutputArtifact[standard_artifacts.Model],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
    infra_blessing: OutputArtifact[standard_artifacts.InfraBlessing],
    content: Parameter[str],
    is_servable: Parameter[int],
    repeats: Parameter[str],
):
    """Makes a model that the Evaluator blesses."""
    folder = Path(model.uri) / "Format-Serving"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_text(content)
    if repeats:
        write_model_facts(ModelFacts(repeats=repeats == "yes"), folder)
    blessing.set_int_custom_property("blessed", 1)
    for judged in (blessing, infra_blessing):
        Path(judged.uri).mkdir(parents=True, exist_ok=True)
    (Path(blessing.uri) / "BLESSED").touch()
    infra_blessing.set_int_custom_property("blessed", is_servable)


class Shop:
    """Runs pipelines of two nodes, and asks for the baseline."""

    def __init__(self, root: Path):
        self._root = root
        self._number = 0
        self.base_path = root / "serving" / MODEL_NAME
        self._database = sqlite_metadata_connection_config(str(root / "mlmd"))

    def run(
        self, content: str, is_servable: int = 1, repeats: str = "no"
    ) -> None:
        """Trains, and pushes what may be served."""
        self._number += 1
        judge = Judge(content=content, is_servable=is_servable, repeats=repeats)
        pusher = Pusher(
            model=judge.outputs["model"],
            model_blessing=judge.outputs["blessing"],
            infra_blessing=judge.outputs["infra_blessing"],
            serving_uri=str(self._root / "serving"),
            config=f'{{"keep_versions": {PusherConfig().keep_versions}}}',
            run_id=str(self._number),
        )
        pipeline = Pipeline(
            pipeline_name="shop",
            pipeline_root=str(self._root / "artifacts"),
            components=[judge, pusher],
            enable_cache=True,
            metadata_connection_config=self._database,
        )
        LocalDagRunner().run(pipeline)

    def list_versions(self) -> list[int]:
        return sorted(
            int(p.name) for p in self.base_path.iterdir() if p.name.isdecimal()
        )

    def find_baseline(self, *, repeats: bool = False, **settings) -> str | None:
        """Reads the content of the model that is resolved."""
        with Metadata(self._database) as metadata:
            store = metadata.store
            inputs = {
                key: self._read(store, kind)
                for key, kind in (
                    ("model", standard_artifacts.Model),
                    ("pushed_model", standard_artifacts.PushedModel),
                )
            }
            found = ServedModelStrategy(
                base_path=str(self.base_path), repeats=repeats, **settings
            ).resolve_artifacts(store, inputs)
        if not found["model"]:
            assert found == {"model": [], "pushed_model": []}
            return None
        (model,), (pushed,) = found["model"], found["pushed_model"]
        assert pushed.get_int_custom_property("pushed") == 1
        return (Path(model.uri) / "Format-Serving/saved_model.pb").read_text()

    @staticmethod
    def _read(store, kind):
        types = [
            one
            for one in store.get_artifact_types()
            if one.name == kind.TYPE_NAME
        ]
        return [
            artifact_utils.deserialize_artifact(one, artifact)
            for one in types
            for artifact in store.get_artifacts_by_type(one.name)
        ]


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def test_nothing_served_gives_no_baseline(shop):
    shop.run("unfit", is_servable=0)
    assert shop.find_baseline() is None


def test_candidate_that_cannot_be_served_is_no_baseline(shop):
    shop.run("first")
    shop.run("blessed, and refused by the ServingValidator", is_servable=0)
    assert shop.find_baseline() == "first"


def test_newest_push_is_the_baseline(shop):
    shop.run("first")
    shop.run("second")
    assert shop.find_baseline() == "second"


def test_rollback_brings_the_older_baseline_back(shop):
    shop.run("first")
    shop.run("second")
    first, second = shop.list_versions()
    set_label(shop.base_path, "stable", first)
    assert shop.find_baseline() == "first"
    # A push that waits behind it changes nothing.
    shop.run("third")
    assert shop.find_baseline() == "first"
    write_models_config(shop.base_path, also=second)
    set_label(shop.base_path, "stable", second)
    assert shop.find_baseline() == "second"


def test_version_that_was_deleted_is_no_baseline(shop):
    shop.run("first")
    shop.run("second")
    newest = shop.base_path / str(shop.list_versions()[-1])
    newest.rename(newest.with_name(".gone"))
    assert shop.find_baseline() == "first"


def test_version_that_nobody_remembers_fails_with_the_remedy(shop):
    shop.run("first")
    (shop.base_path / "99999999999").mkdir()
    with pytest.raises(exceptions.FailedPreconditionError) as caught:
        shop.find_baseline()
    message = str(caught.value)
    assert f"version 99999999999 of {shop.base_path}" in message
    assert "tastemaker label" in message
    set_label(shop.base_path, "stable", shop.list_versions()[0])
    assert shop.find_baseline() == "first"


def test_version_whose_model_was_cleaned_away_fails(shop, tmp_path):
    shop.run("first")
    shutil.rmtree(tmp_path / "artifacts")
    with pytest.raises(exceptions.FailedPreconditionError, match="served"):
        shop.find_baseline()


def test_no_comparison_asked_for_needs_no_model(shop, caplog):
    shop.run("first")
    (shop.base_path / "99999999999").mkdir()
    assert shop.find_baseline(is_required=False) is None
    assert "version 99999999999" in caplog.text


@pytest.mark.parametrize(
    ("served", "candidate", "said"),
    [("yes", False, "True"), ("no", True, "False"), ("", False, "nothing")],
)
def test_model_that_ranks_other_items_is_no_baseline(
    shop, caplog, served, candidate, said
):
    shop.run("first", repeats=served)
    assert shop.find_baseline(repeats=candidate) is None
    (version,) = shop.list_versions()
    assert f"has {candidate}, the served version {version} says {said}" in (
        caplog.text
    )


def test_models_where_people_repeat_are_compared(shop):
    shop.run("first", repeats="yes")
    assert shop.find_baseline(repeats=True) == "first"


def test_version_that_a_server_config_pins_is_the_baseline(shop, tmp_path):
    shop.run("first")
    shop.run("second")
    first, second = shop.list_versions()
    file = tmp_path / "models.config"
    file.write_text(
        f"""
        model_config_list {{
          config {{
            name: "{MODEL_NAME}" base_path: "/models/{MODEL_NAME}"
            model_version_policy {{ specific {{ versions: {first} }} }}
          }}
        }}
        """
    )
    assert shop.find_baseline(server_configs=[str(file)]) == "first"
    set_label(shop.base_path, "stable", second)
    assert shop.find_baseline(server_configs=[str(file)]) == "second"


def test_server_config_that_cannot_be_read_fails(shop, tmp_path):
    shop.run("first")
    absent = str(tmp_path / "absent")
    with pytest.raises(
        exceptions.FailedPreconditionError, match=r"server_configs.*absent"
    ):
        shop.find_baseline(server_configs=[absent])


@component
def Ingest(examples: OutputArtifact[standard_artifacts.Examples]):
    Path(examples.uri).mkdir(parents=True, exist_ok=True)


@component
def Gate(
    examples: InputArtifact[standard_artifacts.Examples],
    verdict: OutputArtifact[standard_artifacts.ModelBlessing],
):
    """Stands for the Evaluator, which needs no baseline."""
    Path(verdict.uri).mkdir(parents=True, exist_ok=True)


def _run_gate(root: Path, base_path: Path) -> bool:
    ingest = Ingest()
    resolver = Resolver(
        strategy_class=ServedModelStrategy,
        config={"base_path": str(base_path), "repeats": False},
        model=Channel(type=standard_artifacts.Model),
        pushed_model=Channel(type=standard_artifacts.PushedModel),
        examples=ingest.outputs["examples"],
    ).with_id("ServedModelResolver")
    gate = Gate(examples=resolver.outputs["examples"])
    pipeline = Pipeline(
        pipeline_name="gate",
        pipeline_root=str(root / "gate"),
        components=[ingest, resolver, gate],
        metadata_connection_config=sqlite_metadata_connection_config(
            str(root / "mlmd-of-gate")
        ),
    )
    LocalDagRunner().run(pipeline)
    return any((root / "gate" / "Gate" / "verdict").glob("*"))


def test_gate_runs_where_nothing_is_served(tmp_path):
    assert _run_gate(tmp_path, tmp_path / "absent")


def test_gate_does_not_run_on_where_the_baseline_is_gone(tmp_path, caplog):
    base_path = tmp_path / "serving" / MODEL_NAME
    (base_path / "99999999999").mkdir(parents=True)
    assert not _run_gate(tmp_path, base_path)
    assert "version 99999999999" in caplog.text
