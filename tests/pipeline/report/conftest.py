"""What the finished run left, for the page and for its sections."""

import pytest

from components.evaluator.evaluation import CANDIDATE
from components.evaluator.evaluation import read_evaluation
from pipeline.report.diagnostics.evidence import Evidence
from pipeline.runs.run_history import RunHistory


@pytest.fixture(scope="session")
def finished_pipeline_run(finished_run):
    return RunHistory(finished_run.metadata_path).load_runs()[-1]


@pytest.fixture(scope="session")
def evidence(finished_pipeline_run) -> Evidence:
    return Evidence(finished_pipeline_run)


@pytest.fixture(scope="session")
def measured(finished_pipeline_run) -> dict[str, dict[str, float]]:
    """Slice to metric to value, as TFX's Evaluator measured them."""
    artifact = finished_pipeline_run.find_output("ModelEvaluation")
    metrics = read_evaluation(str(artifact.path))["metrics"]
    return {name: models[CANDIDATE] for name, models in metrics.items()}
