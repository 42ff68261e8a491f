"""One SavedModel in its own graph and session."""

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  (registers the ops of tokenizers)
from tensorflow.python.client import pywrap_tf_session

from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import not_found
from serving.protos import meta_graph_pb2

_GRAPH_FILES = ("saved_model.pb", "saved_model.pbtxt")
_UNKNOWN = 2  # number of the status code

# gRPC reports a call without a deadline as one some 300 million years away.
_FOREVER_SECONDS = 1e9


class LoadedModel:
    """A SavedModel loaded as TF Serving loads it: initialised and callable.

    Runs go through the C session that `tf.compat.v1.Session` wraps. It gives
    TF Serving's own texts for a wrong dtype, leaves shapes to the ops and
    releases the interpreter lock; the public `Session.run` checks static
    shapes first, answers other texts and takes about 0.5 ms longer a call.
    It is private API: TensorFlow is pinned to one minor version for it.
    """

    def __init__(self, path: Path, tags: Sequence[str] = ("serve",)):
        """Loads the model and runs its initialisers.

        Raises:
            ServingError: there is no model, or it does not load.
        """
        if not any((path / name).is_file() for name in _GRAPH_FILES):
            raise not_found(
                "Specified file path does not appear to contain a SavedModel "
                "bundle (should have a file called `saved_model.pb`)\n"
                f"Specified file path: {path}"
            )
        self._outputs: dict[str, object] = {}  # by tensor name
        self._graph = tf.Graph()
        self._session = tf.compat.v1.Session(graph=self._graph)
        try:
            with self._graph.as_default():
                meta_graph = tf.compat.v1.saved_model.load(
                    self._session, list(tags), str(path)
                )
        except tf.errors.OpError as error:
            self.close()
            raise ServingError.from_number(
                error.error_code, error.message
            ) from error
        except (
            AttributeError,
            LookupError,
            OSError,
            RuntimeError,
            TypeError,
            ValueError,
        ) as error:
            # What Python's loader raises for a damaged graph or a wrong tag.
            self.close()
            raise ServingError.from_number(_UNKNOWN, str(error)) from error
        self.signatures: Mapping[str, meta_graph_pb2.SignatureDef] = dict(
            meta_graph.signature_def
        )

    def run(
        self,
        feeds: Mapping[str, np.ndarray],
        fetches: Sequence[str],
        timeout_seconds: float | None = None,
    ) -> list[np.ndarray]:
        """Runs the graph once; safe to call from many threads.

        Args:
            feeds: tensor name (`op:0`) to value.
            fetches: tensor names, any number, repeats allowed.
            timeout_seconds: when to give up; None waits.

        Returns:
            The fetched values in the order asked; strings as object arrays
            of bytes.

        Raises:
            ServingError: an op failed or the time was up.
        """
        # Sorted, because TensorFlow's texts count the arguments by name.
        values = {self._output(name): feeds[name] for name in sorted(feeds)}
        targets = [self._output(name) for name in fetches]
        options = _write_options(timeout_seconds)
        try:
            return pywrap_tf_session.TF_SessionRun_wrapper(
                self._session._session,
                options,
                values,
                targets,
                [],
                None,
            )
        except tf.errors.OpError as error:
            raise ServingError.from_number(
                error.error_code, error.message
            ) from error
        finally:
            if options is not None:
                pywrap_tf_session.TF_DeleteBuffer(options)

    def close(self) -> None:
        """Gives the memory back; no run may be under way."""
        self._session.close()
        self._outputs.clear()

    def _output(self, name: str) -> object:
        output = self._outputs.get(name)
        if output is None:
            output = self._graph.get_tensor_by_name(name)._as_tf_output()
            self._outputs[name] = output
        return output


def _write_options(timeout_seconds: float | None) -> object | None:
    if timeout_seconds is None or timeout_seconds > _FOREVER_SECONDS:
        return None
    milliseconds = max(int(timeout_seconds * 1000), 1)
    options = tf.compat.v1.RunOptions(timeout_in_ms=milliseconds)
    return pywrap_tf_session.TF_NewBufferFromString(options.SerializeToString())
