"""Compiles the pipeline for Kubeflow Pipelines v2."""

from pathlib import Path

from tfx.orchestration.data_types import RuntimeParameter
from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
    KubeflowV2DagRunner,
)
from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
    KubeflowV2DagRunnerConfig,
)

from pipeline.config import PipelineConfig
from pipeline.pipeline import Locations
from pipeline.pipeline import create_pipeline

RUN_ID_PARAMETER = "run-id"


def compile_for_kubeflow(
    config: PipelineConfig, root_uri: str, image: str, output_path: Path
) -> None:
    """Writes the pipeline spec that Kubeflow runs.

    Args:
        config: the settings of every stage; data paths must be URIs that the
            cluster can read.
        root_uri: where the cluster keeps artifacts, "gs://bucket/folder".
        image: container image in which this distribution is installed.
        output_path: the JSON file to write.
    """
    root = root_uri.rstrip("/")
    locations = Locations(
        pipeline_root=f"{root}/artifacts",
        metadata_path=None,
        schema_path=f"{root}/schema/schema.pbtxt",
        item_vector_store_uri=f"{root}/item_vector_store",
        serving_uri=f"{root}/serving",
    )
    run_id = RuntimeParameter(name=RUN_ID_PARAMETER, ptype=str, default="once")
    pipeline = create_pipeline(config, locations, run_id)
    output_path.parent.mkdir(parents=True, exist_ok=True)
    KubeflowV2DagRunner(
        config=KubeflowV2DagRunnerConfig(default_image=image),
        output_dir=str(output_path.parent),
        output_filename=output_path.name,
    ).run(pipeline)
