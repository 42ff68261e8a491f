"""The hook that TFX's Trainer calls."""

import logging

import tensorflow as tf
import tensorflow_transform as tft
from pydantic import TypeAdapter
from tfx.components.trainer.fn_args_utils import FnArgs

from trainer.config import TrainerConfig
from trainer.export.export import export_model
from trainer.export.serving_model import ServingModel
from trainer.inputs.training_data import TrainingInputs
from trainer.training import train


def run_fn(fn_args: FnArgs) -> None:
    """Adapts the backbone, trains the towers, exports the SavedModel.

    Args:
        fn_args: TFX's; `custom_config` holds `config` (JSON of
            `TrainerConfig`), `repeats` (bool, of the dataset), `catalog_uri`
            and `item_vectors_uri`.
    """
    settings = fn_args.custom_config
    config = TypeAdapter(TrainerConfig).validate_json(settings["config"])
    inputs = TrainingInputs(
        train_paths=_list_files(fn_args.train_files),
        eval_paths=_list_files(fn_args.eval_files),
        transform=tft.TFTransformOutput(fn_args.transform_graph_path),
        catalog_path=settings["catalog_uri"],
        vectors_path=settings["item_vectors_uri"],
        log_path=fn_args.model_run_dir,
        repeats=settings["repeats"],
    )
    trained = train(inputs, config)
    module = ServingModel(
        trained.model,
        trained.scorer,
        trained.items,
        inputs.transform,
        trained.backbone,
        config,
    )
    export_model(
        module, inputs.catalog_path, fn_args.serving_model_dir, config.needs
    )
    logging.info("Exported to %s.", fn_args.serving_model_dir)


def _list_files(patterns):
    return [path for pattern in patterns for path in tf.io.gfile.glob(pattern)]
