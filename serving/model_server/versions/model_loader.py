"""Loads a version ready to serve: in a session, batched, warmed up."""

import logging
from pathlib import Path

import tensorflow as tf

from serving.model_server.batching import BatchedModel
from serving.model_server.batching import BatchingParameters
from serving.model_server.batching import BatchScheduler
from serving.model_server.batching import parse_batching_parameters
from serving.model_server.batching import read_model_parameters
from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.serving_error import CatchErrors
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import not_found
from serving.model_server.settings.server_options import ServerOptions
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.warm_up import warm_up

_logger = logging.getLogger(__name__)

# Requests share the cores already: a part of an op would wait for a thread that
# serves another request. On two cores this made a request a sixth faster.
_NUM_INTRA_OP_THREADS = 1


class ModelLoader:
    """Loads versions as the server's options say."""

    def __init__(self, options: ServerOptions, metrics: ServerMetrics):
        """Prepares the queues that all models share, if batching is on.

        Raises:
            ServingError: the batching parameters are wrong.
        """
        self._options = options
        self._metrics = metrics
        self._session_config = _build_session_config(options)
        self._scheduler: BatchScheduler | None = None
        if options.enable_batching:
            self._scheduler = BatchScheduler(
                _read_parameters(options.batching_parameters_file), metrics
            )

    def load(self, path: Path) -> LoadedModel | BatchedModel:
        """Loads the version at `path`; the caller closes it.

        Raises:
            ServingError: it does not load, or its warm-up fails.
        """
        try:
            model = self._load(path)
        except ServingError:
            self._metrics.count_load(path, False)
            raise
        self._metrics.count_load(path, True)
        return model

    def _load(self, path: Path) -> LoadedModel | BatchedModel:
        model = LoadedModel(
            path, self._options.saved_model_tags, self._session_config
        )
        with CatchErrors(f"preparing {path}") as caught:
            model = self._batch(model, path)
            if self._options.enable_model_warmup:
                num_requests = warm_up(
                    model,
                    path,
                    max(self._options.num_request_iterations_for_warmup, 1),
                )
                _logger.info("Replayed %d warm-up requests", num_requests)
        if caught.error is not None:
            model.close()
            raise caught.error
        return model

    def _batch(
        self, model: LoadedModel, path: Path
    ) -> LoadedModel | BatchedModel:
        if self._scheduler is None:
            return model
        if not self._options.enable_per_model_batching_parameters:
            return BatchedModel(model, self._scheduler)
        parameters = read_model_parameters(path)
        if parameters is None:
            return model
        return BatchedModel(model, self._scheduler, parameters)

    def close(self) -> None:
        """Ends the batching threads; no model may be in use."""
        if self._scheduler is not None:
            self._scheduler.close()


def _read_parameters(path: str) -> BatchingParameters:
    if not path:
        return BatchingParameters()
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise not_found(f"{path}; {error.strerror}") from error
    return parse_batching_parameters(text, path)


def _build_session_config(options: ServerOptions) -> tf.compat.v1.ConfigProto:
    both = options.tensorflow_session_parallelism
    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=(
            options.tensorflow_intra_op_parallelism
            or both
            or _NUM_INTRA_OP_THREADS
        ),
        inter_op_parallelism_threads=(
            options.tensorflow_inter_op_parallelism or both
        ),
    )
    config.gpu_options.per_process_gpu_memory_fraction = (
        options.per_process_gpu_memory_fraction
    )
    return config
