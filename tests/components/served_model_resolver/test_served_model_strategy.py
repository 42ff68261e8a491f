"""Whatever was pushed, blessed and labelled: the baseline is what serves."""

from pathlib import Path

import pytest
from tfx.dsl.component.experimental.annotations import OutputArtifact
from tfx.dsl.component.experimental.annotations import Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.metadata import Metadata
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.types import artifact_utils
from tfx.types import standard_artifacts

from components.pusher.component import Pusher
from components.pusher.config import PusherConfig
from components.served_model_resolver.served_model_strategy import (
    ServedModelStrategy,
)
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
):
    """Makes a model that the Evaluator blesses."""
    folder = Path(model.uri) / "Format-Serving"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_text(content)
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

    def run(self, content: str, is_servable: int = 1) -> None:
        """Trains, and pushes what may be served."""
        self._number += 1
        judge = Judge(content=content, is_servable=is_servable)
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

    def find_baseline(self) -> str | None:
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
                base_path=str(self.base_path)
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


def test_version_that_nobody_remembers_gives_no_baseline(shop):
    shop.run("first")
    (shop.base_path / "99999999999").mkdir()
    assert shop.find_baseline() is None
