"""What `--batching_parameters_file` says.

Source: tensorflow_serving/servables/tensorflow/{session_bundle_config.proto,
bundle_factory_util.cc}; the defaults are those of
tensorflow/core/kernels/batching_util/shared_batch_scheduler.h (SERVING rules
B-01, B-02, B-04 and B-13).
"""

import dataclasses
import itertools
import os
from pathlib import Path

from serving.model_server.serving_error import invalid_argument
from serving.model_server.settings import config_protos

MODEL_PARAMETERS_FILE = "batching_params.pbtxt"  # in a version directory


@dataclasses.dataclass(frozen=True, kw_only=True)
class BatchingParameters:
    """How large a batch may be, and how long it waits for requests.

    Constructing one raises `ServingError` where values contradict each other.
    """

    max_batch_size: int = 1000  # rows of one request; of a batch, too, unless
    # large requests are split
    batch_timeout_micros: int = 0  # how long an open batch waits for more;
    # 0 still takes what queued up while all threads were busy
    max_enqueued_batches: int = 10  # of one queue, the open one included
    num_batch_threads: int = os.cpu_count() or 1  # batches that run at once
    thread_pool_name: str = "batch_threads"
    allowed_batch_sizes: tuple[int, ...] = ()  # ascending; batches are filled
    # up to the next of these; none = any size
    pad_variable_length_inputs: bool = False
    enable_large_batch_splitting: bool = False
    max_execution_batch_size: int = 0  # rows of a batch where requests are
    # split; 0 = max_batch_size

    def __post_init__(self):
        for name, least in (
            ("max_batch_size", 1),
            ("batch_timeout_micros", 0),
            ("max_enqueued_batches", 1),
            ("num_batch_threads", 1),
            ("max_execution_batch_size", 0),
        ):
            value = getattr(self, name)
            if value < least:
                wanted = "positive" if least else "non-negative"
                raise invalid_argument(f"{name} must be {wanted}; was {value}")
        self._check_allowed_sizes()

    @property
    def execution_size(self) -> int:
        """Rows of the largest batch that is run."""
        if self.enable_large_batch_splitting:
            return self.max_execution_batch_size or self.max_batch_size
        return self.max_batch_size

    def round_up(self, size: int) -> int:
        """Returns the size that a batch of `size` rows is filled up to."""
        fitting = (one for one in self.allowed_batch_sizes if one >= size)
        return next(fitting, size)

    def _check_allowed_sizes(self) -> None:
        sizes = self.allowed_batch_sizes
        if not sizes:
            return
        if any(a >= b for a, b in itertools.pairwise((0, *sizes))):
            raise invalid_argument(
                "allowed_batch_sizes entries must be positive and "
                "monotonically increasing"
            )
        if sizes[-1] != self.execution_size:
            wanted = (
                "be equal to max_execution_batch_size"
                if self.enable_large_batch_splitting
                else "match max_batch_size"
            )
            raise invalid_argument(
                f"Last entry in allowed_batch_sizes must {wanted}; last entry "
                f"was {sizes[-1]}; expected {self.execution_size}"
            )


def parse_batching_parameters(text: str, source: str) -> BatchingParameters:
    """Reads the text proto `BatchingParameters`.

    Args:
        text: scalar fields are wrapped: `max_batch_size { value: 128 }`.
        source: what the error calls the text, such as the file's path.

    Raises:
        ServingError: `INVALID_ARGUMENT`, the text is no such proto or its
            values contradict each other.
    """
    proto = config_protos.parse_text_proto(
        text, config_protos.BatchingParameters(), source
    )
    given: dict[str, object] = {
        field.name: value.value
        for field, value in proto.ListFields()
        if field.message_type is not None
    }
    return BatchingParameters(
        allowed_batch_sizes=tuple(proto.allowed_batch_sizes),
        pad_variable_length_inputs=proto.pad_variable_length_inputs,
        **given,
    )


def read_model_parameters(version_path: Path) -> BatchingParameters | None:
    """Reads the batching parameters of an export; None = it has none.

    With `--enable_per_model_batching_parameters` a model whose export has no
    such file is not batched.

    Raises:
        ServingError: there is a file that cannot be used.
    """
    path = version_path / MODEL_PARAMETERS_FILE
    if not path.is_file():
        return None
    return parse_batching_parameters(
        path.read_text(encoding="utf-8", errors="replace"), str(path)
    )
