"""Concatenates the inputs of several requests, and splits the outputs.

Source: tensorflow_serving/batching/{batching_session,batching_util}.cc
(SERVING rules B-08 to B-11).
"""

import math
from collections.abc import Mapping
from collections.abc import Sequence

import grpc
import numpy as np

from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument

Feeds = Mapping[str, np.ndarray]

_MAX_PADDED_RANK = 6


def count_rows(feeds: Feeds) -> int:
    """Returns the 0th dimension that all inputs of a request share.

    Raises:
        ServingError: there is no input, one has no dimension, or they differ.
    """
    if not feeds:
        raise invalid_argument(
            "Batching Run() must have at least one input tensor"
        )
    sizes = set()
    for array in feeds.values():
        if array.ndim == 0:
            raise invalid_argument(
                "Batching Run() input tensors must have at least one dimension"
            )
        sizes.add(array.shape[0])
    if len(sizes) > 1:
        raise invalid_argument(
            "Batching Run() input tensors must have equal 0th-dimension size"
        )
    return sizes.pop()


def merge_feeds(
    requests: Sequence[Feeds], num_padding_rows: int, is_padded: bool
) -> dict[str, np.ndarray]:
    """Concatenates the inputs of requests along dimension 0.

    Args:
        requests: the same names, dtypes and ranks in each.
        num_padding_rows: how often the first row of the last request that
            has one is repeated at the end.
        is_padded: whether inputs that differ beyond dimension 0 are filled
            up, each with its own first element.

    Raises:
        ServingError: shapes differ and may not be filled up, or one has no
            element to fill up with.
    """
    return {
        name: _merge(
            name,
            [feeds[name] for feeds in requests],
            num_padding_rows,
            is_padded,
        )
        for name in requests[0]
    }


def count_padded_elements(requests: Sequence[Feeds], num_rows: int) -> int:
    """Counts the elements of the largest input after padding."""
    return max(
        num_rows * math.prod(map(int, _find_widths(arrays)))
        for arrays in (
            [feeds[name] for feeds in requests] for name in requests[0]
        )
    )


def split_outputs(
    outputs: Sequence[np.ndarray], sizes: Sequence[int], num_rows: int
) -> list[list[np.ndarray]]:
    """Cuts the outputs of a batch into those of its requests.

    Args:
        outputs: dimension 0 is the batch.
        sizes: rows of each request; rows beyond them were padding.
        num_rows: of the batch, padding included.

    Returns:
        For each request the outputs in the same order.

    Raises:
        ServingError: an output has no row for each row of the batch.
    """
    for output in outputs:
        if np.ndim(output) == 0:
            raise _failed_precondition("Batched output tensor has 0 dimensions")
        if len(output) != num_rows:
            raise _failed_precondition(
                "Batched output tensor's 0th dimension does not equal the sum "
                "of the 0th dimension sizes of the input tensors"
            )
    ends = np.cumsum(sizes).tolist()
    return [
        [output[end - size : end] for output in outputs]
        for size, end in zip(sizes, ends, strict=True)
    ]


def _merge(
    name: str,
    arrays: list[np.ndarray],
    num_padding_rows: int,
    is_padded: bool,
) -> np.ndarray:
    if is_padded:
        widths = _find_widths(arrays)
        arrays = [_fill_up(array, widths) for array in arrays]
    elif any(array.shape[1:] != arrays[0].shape[1:] for array in arrays):
        raise _failed_precondition(
            f"Tensors with name '{name}' from different tasks have different "
            "shapes and padding is turned off.Set pad_variable_length_inputs "
            "to true, or ensure that all tensors with the same namehave equal "
            "dimensions starting with the first dim."
        )
    with_rows = [array for array in arrays if len(array)]
    if num_padding_rows and with_rows:
        arrays = [*arrays, *[with_rows[-1][:1]] * num_padding_rows]
    return np.concatenate(arrays) if len(arrays) > 1 else arrays[0]


def _find_widths(arrays: Sequence[np.ndarray]) -> tuple[int, ...]:
    shapes = (array.shape[1:] for array in arrays)
    return tuple(max(sizes) for sizes in zip(*shapes, strict=True))


def _fill_up(array: np.ndarray, widths: tuple[int, ...]) -> np.ndarray:
    if array.ndim > _MAX_PADDED_RANK:
        raise invalid_argument(
            f"Only tensors with rank from 1 to {_MAX_PADDED_RANK} can be "
            "padded."
        )
    shape = (len(array), *widths)
    if array.shape == shape:
        return array
    filled = np.empty(shape, array.dtype)
    if filled.size and not array.size:
        raise invalid_argument(
            "Got empty tensor in batch of non-empty tensors."
        )
    if filled.size:
        filled[...] = array.flat[0]
        filled[tuple(slice(size) for size in array.shape)] = array
    return filled


def _failed_precondition(message: str) -> ServingError:
    return ServingError(grpc.StatusCode.FAILED_PRECONDITION, message)
