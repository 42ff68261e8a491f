"""What a finished run left is found and fits together."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.report.diagnostics.evidence import Evidence
from pipeline.report.diagnostics.evidence import MissingEvidenceError
from pipeline.report.diagnostics.evidence import to_unit_length
from pipeline.runs.run_history import PipelineRun
from tests.pipeline.conftest import NUM_EVENTS
from tests.pipeline.conftest import NUM_ITEMS
from tests.pipeline.conftest import NUM_USERS

EVERYTHING = (
    "catalog",
    "train",
    "eval_queries",
    "test_queries",
    "answers",
    "fused_map",
    "text_vectors",
)
e2e = [pytest.mark.e2e, pytest.mark.timeout(1200)]


@pytest.mark.parametrize("name", EVERYTHING)
def test_run_that_got_nowhere_is_told_so(name):
    with pytest.raises(MissingEvidenceError, match="did not get that far"):
        getattr(Evidence(PipelineRun(run_id="r", nodes=())), name)


def test_zero_vectors_stay_zero():
    vectors = to_unit_length(np.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(vectors, [[0.6, 0.8], [0, 0]])


class TestOfFinishedRun:
    pytestmark = e2e

    def test_every_event_was_learnt_from_or_asked_about(self, evidence):
        num_events = (
            len(evidence.train.items)
            + len(evidence.eval_queries.targets)
            + len(evidence.test_queries.targets)
        )
        assert num_events == NUM_USERS * NUM_EVENTS

    def test_catalogue_names_its_rows(self, evidence):
        catalog = evidence.catalog
        assert len(catalog.rows) == len(catalog.titles) == NUM_ITEMS
        row = catalog.rows["m04"]
        assert catalog.titles[row] == "the house 4"
        assert catalog.categories[row] == ["Horror"]

    def test_fused_vectors_belong_to_items_most_popular_first(self, evidence):
        fused = evidence.fused_map
        assert sorted(fused.rows) == list(range(NUM_ITEMS))
        # The towers count the events of the eval split, too.
        counts = evidence.train.counts[fused.rows]
        quarter = len(counts) // 4
        assert counts[:quarter].min() > counts[-quarter:].max()
        lengths = np.linalg.norm(fused.vectors, axis=1)
        np.testing.assert_allclose(lengths, 1, atol=1e-5)

    def test_text_vectors_are_those_that_were_encoded(
        self, evidence, finished_pipeline_run
    ):
        artifact = finished_pipeline_run.find_output("schemas.ItemVectors")
        stored = pq.read_table(artifact.path / "item_vectors.parquet")
        for item_id, vector in zip(
            stored["item_id"].to_pylist(),
            stored["vector"].to_pylist(),
            strict=True,
        ):
            own = evidence.text_vectors[evidence.catalog.rows[item_id]]
            np.testing.assert_allclose(
                own, vector / np.linalg.norm(vector), atol=1e-5
            )
