"""The pipeline: its stages, and the artifacts between them."""

from dataclasses import dataclass
from pathlib import Path

import tensorflow_model_analysis  # noqa: F401  (before TFX patches it)
from pydantic import TypeAdapter
from tfx.components import ExampleValidator
from tfx.components import SchemaGen
from tfx.components import StatisticsGen
from tfx.components import Transform
from tfx.components.schema_gen.import_schema_gen.component import (
    ImportSchemaGen,
)
from tfx.dsl.components.common.resolver import Resolver
from tfx.dsl.input_resolution.strategies.latest_blessed_model_strategy import (
    LatestBlessedModelStrategy,
)
from tfx.orchestration.data_types import RuntimeParameter
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import transform_pb2
from tfx.types.channel import Channel
from tfx.types.standard_artifacts import Model
from tfx.types.standard_artifacts import ModelBlessing
from tfx.types.standard_artifacts import PushedModel

from components.behavior_example_gen.component import BehaviorExampleGen
from components.behavior_example_gen.split_config import ExampleGenConfig
from components.behavior_validator.component import BehaviorValidator
from components.evaluator.component import NarrowEvaluator
from components.evaluator.eval_config import build_eval_config
from components.item_encoder.component import ItemEncoder
from components.pusher.component import Pusher
from components.served_model_resolver.served_model_strategy import (
    ServedModelStrategy,
)
from components.serving_validator.component import ServingValidator
from components.tower_trainer.component import TowerTrainer
from pipeline.config import PipelineConfig
from pipeline.runs.code_version import compute_code_version
from schemas.events import SPLITS

TRAIN, EVAL, TEST = SPLITS


@dataclass(frozen=True, kw_only=True)
class Locations:
    """Where the pipeline reads and writes; paths here, URIs on a cluster."""

    pipeline_root: str
    metadata_path: str | None  # None: the orchestrator keeps the metadata
    schema_path: str  # curated schema, text proto
    item_vector_store_uri: str
    serving_uri: str  # versions are pushed to <serving_uri>/<model>/


def create_pipeline(
    config: PipelineConfig,
    locations: Locations,
    run_id: str | RuntimeParameter,
) -> Pipeline:
    """Wires all stages.

    Args:
        config: the settings of every stage.
        locations: where state is kept.
        run_id: differs between runs, so that the cache never answers for a
            push.

    Returns:
        A pipeline for any TFX runner; unchanged stages are taken from cache.
    """
    # Ingest: events, items and users become windows, split by time.
    example_gen = BehaviorExampleGen(
        config=_to_json(
            ExampleGenConfig(dataset=config.dataset, splits=config.splits)
        ),
        span=config.span,
        code_version=_hash_code(
            "components/behavior_example_gen", "components/window_examples"
        ),
    )
    examples = example_gen.outputs["examples"]
    catalog = example_gen.outputs["catalog"]

    # Describe the data, and compare it with the curated schema.
    statistics_gen = StatisticsGen(examples=examples)
    statistics = statistics_gen.outputs["statistics"]
    schema_gen = SchemaGen(statistics=statistics, exclude_splits=[EVAL, TEST])
    import_schema_gen = ImportSchemaGen(schema_file=locations.schema_path)
    schema = import_schema_gen.outputs["schema"]
    example_validator = ExampleValidator(statistics=statistics, schema=schema)

    # Find what a schema cannot see; stop the run where the config says so.
    behavior_validator = BehaviorValidator(
        examples=examples,
        catalog=catalog,
        anomalies=example_validator.outputs["anomalies"],
        config=_to_json(config.validation),
        code_version=_hash_code(
            "components/behavior_validator", "components/window_examples"
        ),
    )

    # Learn vocabularies and buckets: one graph for training and serving.
    transform = Transform(
        examples=examples,
        schema=schema,
        preprocessing_fn="trainer.preprocessing.preprocessing_fn",
        splits_config=transform_pb2.SplitsConfig(
            analyze=[TRAIN], transform=[TRAIN, EVAL]
        ),
        disable_statistics=True,
        custom_config={"code_version": _hash_code("trainer")},
    )
    transform.add_upstream_node(behavior_validator)

    # Encode the catalogue with the language model; only new texts take time.
    item_encoder = ItemEncoder(
        catalog=catalog,
        config=_to_json(config.trainer.backbone),
        store_uri=locations.item_vector_store_uri,
        store_config=_to_json(config.item_vectors),
        code_version=_hash_code("components/item_encoder", "trainer"),
    )
    item_encoder.add_upstream_node(behavior_validator)

    # Train the towers and export one SavedModel.
    trainer = TowerTrainer(
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema,
        catalog=catalog,
        item_vectors=item_encoder.outputs["item_vectors"],
        run_fn="trainer.run_fn.run_fn",
        custom_config={
            "config": _to_json(config.trainer),
            "repeats": config.dataset.repeats,
            "code_version": _hash_code("components/tower_trainer", "trainer"),
        },
    )
    model = trainer.outputs["model"]

    # Gate: thresholds per slice, and against the model that is served.
    resolver = _resolve_baseline(config, locations, examples)
    evaluator = NarrowEvaluator(
        # By way of the resolver: TFX runs on behind one that failed, and a
        # missing baseline alone would not stop the gate.
        examples=resolver.outputs.get("examples", examples),
        model=model,
        baseline_model=resolver.outputs["model"],
        eval_config=build_eval_config(config.evaluator),
        example_splits=[TEST],
        schema=schema,
    ).with_id("Evaluator")
    # TFX's Evaluator takes no such parameter, ignores it, and hashes it.
    evaluator.exec_properties["code_version"] = _hash_code(
        "components/evaluator"
    )
    model_blessing = evaluator.outputs["blessing"]

    # Start a model server with the candidate and send it requests.
    serving_validator = ServingValidator(
        model=model,
        examples=examples,
        model_blessing=model_blessing,
        config=_to_json(config.serving_validation),
        code_version=_hash_code(
            "components/serving_validator",
            "components/window_examples",
            "serving",
        ),
    )

    # Publish a version for model servers to pick up.
    pusher = Pusher(
        model=model,
        model_blessing=model_blessing,
        infra_blessing=serving_validator.outputs["blessing"],
        serving_uri=locations.serving_uri,
        config=_to_json(config.pusher),
        run_id=run_id,
    )

    return Pipeline(
        pipeline_name=config.name,
        pipeline_root=locations.pipeline_root,
        components=[
            example_gen,
            statistics_gen,
            schema_gen,
            import_schema_gen,
            example_validator,
            behavior_validator,
            transform,
            item_encoder,
            trainer,
            resolver,
            evaluator,
            serving_validator,
            pusher,
        ],
        enable_cache=True,
        beam_pipeline_args=list(config.beam_args),
        metadata_connection_config=_connect(locations.metadata_path),
    )


def _resolve_baseline(
    config: PipelineConfig, locations: Locations, examples: Channel
) -> Resolver:
    """Builds the node that finds what a candidate is compared with."""
    if locations.metadata_path is None:
        # Kubeflow's driver knows two strategies, and this is the nearer one
        # (tfx/orchestration/kubeflow/v2/step_builder.py, TFX 1.21). There a
        # candidate that the ServingValidator refused becomes the baseline.
        return Resolver(
            strategy_class=LatestBlessedModelStrategy,
            model=Channel(type=Model),
            model_blessing=Channel(type=ModelBlessing),
        ).with_id("BlessedModelResolver")
    base_path = Path(locations.serving_uri) / config.pusher.model_name
    return Resolver(
        strategy_class=ServedModelStrategy,
        config={
            "base_path": str(base_path),
            "repeats": config.dataset.repeats,
            "server_configs": list(config.pusher.server_configs),
            "is_required": any(
                threshold.may_worsen_by is not None
                for threshold in config.evaluator.thresholds
            ),
        },
        model=Channel(type=Model),
        pushed_model=Channel(type=PushedModel),
        examples=examples,
    ).with_id("ServedModelResolver")


def _connect(metadata_path: str | None):
    if metadata_path is None:
        return None
    Path(metadata_path).parent.mkdir(parents=True, exist_ok=True)
    return sqlite_metadata_connection_config(metadata_path)


def _to_json(config: object) -> str:
    return TypeAdapter(type(config)).dump_json(config).decode()


def _hash_code(*packages: str) -> str:
    return compute_code_version(("schemas", *packages))
