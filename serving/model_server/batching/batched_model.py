"""A loaded model whose concurrent requests run together.

Source: tensorflow_serving/batching/batching_session.cc (SERVING rules B-05,
B-06 and B-08 to B-12). Three differences: Requests whose inputs differ in dtype
or rank are not batched together. If the graph refuses a batch, its requests run
one by one, so that a bad request does not fail others. And if padding would add
millions of elements, they run one by one, too.
"""

from collections.abc import Mapping
from collections.abc import Sequence

import grpc
import numpy as np

from serving.model_server.batching.batch_scheduler import METRICS_PREFIX
from serving.model_server.batching.batch_scheduler import Batch
from serving.model_server.batching.batch_scheduler import BatchScheduler
from serving.model_server.batching.batch_scheduler import Task
from serving.model_server.batching.batching_parameters import BatchingParameters
from serving.model_server.batching.merge_tensors import count_padded_elements
from serving.model_server.batching.merge_tensors import count_rows
from serving.model_server.batching.merge_tensors import merge_feeds
from serving.model_server.batching.merge_tensors import split_outputs
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import meta_graph_pb2

_MAX_PADDED_ELEMENTS = 1 << 22  # of one input of a batch


class BatchedModel:
    """Has the interface of the `LoadedModel` that it wraps."""

    def __init__(
        self,
        model: LoadedModel,
        scheduler: BatchScheduler,
        parameters: BatchingParameters | None = None,
    ):
        """Wraps a model; it is closed together with this one.

        Args:
            model: runs the batches.
            scheduler: shared by all models.
            parameters: of this model; None takes the scheduler's.
        """
        self._model = model
        self._scheduler = scheduler
        self._parameters = parameters or scheduler.parameters

    @property
    def signatures(self) -> Mapping[str, meta_graph_pb2.SignatureDef]:
        """The model's signatures by name."""
        return self._model.signatures

    def run(
        self,
        feeds: Mapping[str, np.ndarray],
        fetches: Sequence[str],
        timeout_seconds: float | None = None,
    ) -> list[np.ndarray]:
        """Runs in a batch with other requests for the same tensors.

        Args:
            feeds: tensor name (`op:0`) to value; dimension 0 is the batch.
            fetches: tensor names, any number, repeats allowed.
            timeout_seconds: when to give up; None waits. A batch gets the
                longest timeout of its requests.

        Returns:
            The fetched values in the order asked.

        Raises:
            ServingError: the inputs have no common batch dimension, the queue
                is full, the time was up, or the batch failed.
        """
        num_rows = count_rows(feeds)
        deadline = float("inf")
        if timeout_seconds is not None:
            deadline = self._scheduler.clock() + timeout_seconds
        names = tuple(sorted(set(fetches)))
        key = (
            id(self),
            names,
            *sorted((name, a.dtype.str, a.ndim) for name, a in feeds.items()),
        )
        tasks = self._split(feeds, num_rows, deadline)
        self._observe("input_batch_size", num_rows)
        self._scheduler.run(
            key, tasks, self._parameters, lambda batch: self._run(batch, names)
        )
        for task in tasks:
            if task.error is not None:
                # Each thread raises one of its own.
                raise ServingError(task.error.code, task.error.message)
        columns = zip(*(task.outputs for task in tasks), strict=True)
        outputs = {
            name: np.concatenate(parts) if len(parts) > 1 else parts[0]
            for name, parts in zip(names, columns, strict=True)
        }
        return [outputs[name] for name in fetches]

    def close(self) -> None:
        """Closes the model; no run may be under way."""
        self._model.close()

    def _split(
        self, feeds: Mapping[str, np.ndarray], num_rows: int, deadline: float
    ) -> list[Task]:
        most = self._parameters.execution_size
        if num_rows <= most or num_rows > self._parameters.max_batch_size:
            return [Task(feeds, num_rows, deadline)]
        return [
            Task(
                {name: a[at : at + most] for name, a in feeds.items()},
                min(most, num_rows - at),
                deadline,
            )
            for at in range(0, num_rows, most)
        ]

    def _run(self, batch: Batch, names: tuple[str, ...]) -> None:
        if len(batch.tasks) == 1:
            self._run_together(batch.tasks, names)
        elif self._is_too_wide(batch):
            self._run_one_by_one(batch.tasks, names)
        else:
            try:
                self._run_together(batch.tasks, names)
            except ServingError as error:
                if error.code is not grpc.StatusCode.INVALID_ARGUMENT:
                    raise
                self._run_one_by_one(batch.tasks, names)

    def _is_too_wide(self, batch: Batch) -> bool:
        return (
            self._parameters.pad_variable_length_inputs
            and count_padded_elements(
                [task.feeds for task in batch.tasks], batch.size
            )
            > _MAX_PADDED_ELEMENTS
        )

    def _run_one_by_one(
        self, tasks: Sequence[Task], names: tuple[str, ...]
    ) -> None:
        for task in tasks:
            try:
                self._run_together([task], names)
            except ServingError as error:
                task.error = error

    def _run_together(
        self, tasks: Sequence[Task], names: tuple[str, ...]
    ) -> None:
        timeout = self._find_timeout(tasks)
        sizes = [task.size for task in tasks]
        wanted = self._parameters.round_up(sum(sizes))
        feeds = merge_feeds(
            [task.feeds for task in tasks],
            wanted - sum(sizes),
            self._parameters.pad_variable_length_inputs,
        )
        num_rows = count_rows(feeds)
        self._observe("processed_batch_size", num_rows)
        self._observe(
            "padding_size",
            num_rows - sum(sizes),
            {"execution_batch_size": str(num_rows)},
        )
        outputs = split_outputs(
            self._model.run(feeds, names, timeout), sizes, num_rows
        )
        for task, values in zip(tasks, outputs, strict=True):
            task.outputs = values

    def _find_timeout(self, tasks: Sequence[Task]) -> float | None:
        """The longest remaining time of the tasks, seconds; None = no limit."""
        left = max(task.deadline for task in tasks) - self._scheduler.clock()
        if left <= 0:
            raise ServingError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "Run() timeout exceeded while waiting in batching queue",
            )
        return None if left == float("inf") else left

    def _observe(
        self, name: str, value: int, labels: Mapping[str, str] | None = None
    ) -> None:
        if self._scheduler.metrics is not None:
            self._scheduler.metrics.observe(
                METRICS_PREFIX + name, labels or {}, value
            )
