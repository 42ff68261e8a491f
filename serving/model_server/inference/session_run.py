"""Two ways to run a session: TensorFlow's private one, and the public one.

The private way gives TF Serving's own messages for a wrong dtype, leaves the
check of shapes to the ops, releases the interpreter lock and is about 0.5 ms
faster a call. With a TensorFlow that no longer has it, the public way is used.
"""

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.protos import types_pb2

try:
    from tensorflow.python.client import pywrap_tf_session as _private
except ImportError:
    _private = None

_PRIVATE_NAMES = (
    "TF_SessionRun_wrapper",
    "TF_NewBufferFromString",
    "TF_DeleteBuffer",
)

# TensorFlow reads texts with an iterator of numpy that has this limit, and does
# not check whether numpy made one: one request would end the process.
_MAX_RANK = 32


class PublicRun:
    """Runs a `tf.compat.v1.Session` as documented."""

    def __init__(self, session: tf.compat.v1.Session):
        self._session = session

    def __call__(
        self,
        feeds: Mapping[str, np.ndarray],
        fetches: Sequence[str],
        timeout_ms: int | None = None,
    ) -> list[np.ndarray]:
        """Runs once; safe to call from many threads.

        Args:
            feeds: tensor name (`op:0`) to value.
            fetches: tensor names, any number, repeats allowed.
            timeout_ms: when to give up; None waits.

        Returns:
            The fetched values in the order asked; strings as object arrays
            of bytes.

        Raises:
            ServingError: a dtype or shape does not fit, a value has more than
                32 dimensions, an op failed or the time was up.
        """
        _check_ranks(feeds)
        self._check_dtypes(feeds)
        options = None if timeout_ms is None else _build_options(timeout_ms)
        try:
            values = self._session.run(list(fetches), dict(feeds), options)
        except tf.errors.OpError as error:
            raise _convert(error) from error
        except ValueError as error:  # a static shape that does not fit
            raise invalid_argument(str(error)) from error
        # A scalar text comes back bare; numpy would cut its trailing zeros.
        return [
            np.array(value, object) if isinstance(value, bytes) else value
            for value in values
        ]

    def _check_dtypes(self, feeds: Mapping[str, np.ndarray]) -> None:
        """`Session.run` would convert silently."""
        find = self._session.graph.get_tensor_by_name
        for index, name in enumerate(sorted(feeds)):
            wanted = find(name).dtype
            given = tf.as_dtype(feeds[name].dtype)
            if given != wanted:
                raise invalid_argument(
                    f"Expects arg[{index}] to be {_get_name(wanted)} but "
                    f"{_get_name(given)} is provided"
                )


class PrivateRun:
    """Runs the C session that a `tf.compat.v1.Session` wraps."""

    def __init__(self, session: tf.compat.v1.Session):
        self._session = session
        self._outputs: dict[str, object] = {}  # by tensor name

    def __call__(
        self,
        feeds: Mapping[str, np.ndarray],
        fetches: Sequence[str],
        timeout_ms: int | None = None,
    ) -> list[np.ndarray]:
        """Runs once; see `PublicRun`."""
        _check_ranks(feeds)
        # Sorted, because TensorFlow's texts count the arguments by name.
        values = {self._find(name): feeds[name] for name in sorted(feeds)}
        outputs = [self._find(name) for name in fetches]
        options = None
        if timeout_ms is not None:
            options = _private.TF_NewBufferFromString(
                _build_options(timeout_ms).SerializeToString()
            )
        try:
            return _private.TF_SessionRun_wrapper(
                self._session._session, options, values, outputs, [], None
            )
        except tf.errors.OpError as error:
            raise _convert(error) from error
        finally:
            if options is not None:
                _private.TF_DeleteBuffer(options)

    def _find(self, name: str) -> object:
        output = self._outputs.get(name)
        if output is None:
            tensor = self._session.graph.get_tensor_by_name(name)
            output = self._outputs[name] = tensor._as_tf_output()
        return output


def choose_run(private: object = _private) -> type[PrivateRun | PublicRun]:
    """Returns the fastest way that this TensorFlow has.

    Args:
        private: its module of private functions; None = it has none.
    """
    is_there = all(hasattr(private, name) for name in _PRIVATE_NAMES)
    return PrivateRun if is_there else PublicRun


def _check_ranks(feeds: Mapping[str, np.ndarray]) -> None:
    for name, array in feeds.items():
        if array.ndim > _MAX_RANK:
            raise invalid_argument(
                f"Input {name} must have at most {_MAX_RANK} dimensions. "
                f"Received: {array.ndim}."
            )


def _get_name(dtype: tf.DType) -> str:
    """Names a dtype as C++ does: "float", not "float32"."""
    name = types_pb2.DataType.Name(dtype.as_datatype_enum)
    return name.removeprefix("DT_").lower()


def _build_options(timeout_ms: int) -> tf.compat.v1.RunOptions:
    return tf.compat.v1.RunOptions(timeout_in_ms=timeout_ms)


def _convert(error: tf.errors.OpError) -> ServingError:
    return ServingError.from_number(error.error_code, error.message)
