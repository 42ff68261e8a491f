"""TFX's Trainer with two more inputs: the catalogue and its text vectors.

TFX's own Trainer accepts Examples, a transform graph and a schema only. The
towers also read the vectors of `ItemEncoder`, and an artifact that is not an
input is invisible to the cache and to the lineage.
"""

from typing import Any

from tfx import types
from tfx.components.trainer import fn_args_utils
from tfx.components.trainer.executor import GenericExecutor
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.proto import trainer_pb2
from tfx.types import artifact_utils
from tfx.types import standard_artifacts
from tfx.types import standard_component_specs
from tfx.types.component_spec import ChannelParameter
from tfx.utils import json_utils
from typing_extensions import override

from schemas.artifact_types import Catalog
from schemas.artifact_types import ItemVectors

CATALOG_KEY = "catalog"
ITEM_VECTORS_KEY = "item_vectors"
CATALOG_URI = "catalog_uri"
ITEM_VECTORS_URI = "item_vectors_uri"


class TowerTrainerSpec(standard_component_specs.TrainerSpec):
    """Inputs and outputs of TFX's Trainer, and the items."""

    INPUTS = standard_component_specs.TrainerSpec.INPUTS | {
        CATALOG_KEY: ChannelParameter(type=Catalog),
        ITEM_VECTORS_KEY: ChannelParameter(type=ItemVectors),
    }


class TowerTrainerExecutor(GenericExecutor):
    """Calls `run_fn`, which finds the two URIs in `fn_args.custom_config`."""

    @override
    def _GetFnArgs(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> fn_args_utils.FnArgs:
        fn_args = super()._GetFnArgs(input_dict, output_dict, exec_properties)
        fn_args.custom_config = (fn_args.custom_config or {}) | {
            CATALOG_URI: artifact_utils.get_single_uri(input_dict[CATALOG_KEY]),
            ITEM_VECTORS_URI: artifact_utils.get_single_uri(
                input_dict[ITEM_VECTORS_KEY]
            ),
        }
        return fn_args


class TowerTrainer(BaseComponent):
    """Trains the towers in a `run_fn` of this package.

    Outputs:
        model: the SavedModel, in `<uri>/Format-Serving/`.
        model_run: TensorBoard logs and checkpoints.
    """

    SPEC_CLASS = TowerTrainerSpec
    EXECUTOR_SPEC = ExecutorClassSpec(TowerTrainerExecutor)

    def __init__(  # noqa: PLR0913  (one parameter a channel)
        self,
        *,
        examples: types.BaseChannel,
        catalog: types.BaseChannel,
        item_vectors: types.BaseChannel,
        run_fn: str,
        custom_config: dict[str, Any],
        transform_graph: types.BaseChannel | None = None,
        schema: types.BaseChannel | None = None,
    ):
        """Wires the component; trains on split train, watches split eval.

        Args:
            examples: `Examples` with splits train and eval.
            catalog: `Catalog`.
            item_vectors: `ItemVectors` of that catalogue.
            run_fn: dotted name of the function, "trainer.run_fn.run_fn".
            custom_config: JSON-able; `config` holds `TrainerConfig` as JSON,
                `repeats` what the dataset says, `code_version` makes the
                cache notice edited code.
            transform_graph: `TransformGraph`, the path of which `run_fn`
                finds in `fn_args.transform_graph_path`.
            schema: `Schema`, likewise in `fn_args.schema_path`.

        Raises:
            ValueError: `custom_config` holds a key the executor fills in.
        """
        reserved = sorted({CATALOG_URI, ITEM_VECTORS_URI} & set(custom_config))
        if reserved:
            raise ValueError(
                "`custom_config` must leave out the keys that the executor "
                f"fills in. Received: {reserved}. Wire the channels "
                "`catalog` and `item_vectors` instead."
            )
        spec = TowerTrainerSpec(
            examples=examples,
            transform_graph=transform_graph,
            schema=schema,
            catalog=catalog,
            item_vectors=item_vectors,
            run_fn=run_fn,
            train_args=trainer_pb2.TrainArgs(),
            eval_args=trainer_pb2.EvalArgs(),
            custom_config=json_utils.dumps(custom_config),
            model=types.Channel(type=standard_artifacts.Model),
            model_run=types.Channel(type=standard_artifacts.ModelRun),
        )
        super().__init__(spec=spec)
