"""One SavedModel in its own graph and session."""

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  (registers the ops of tokenizers)

from serving.model_server.inference.session_run import choose_run
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import not_found
from serving.protos import meta_graph_pb2

_GRAPH_FILES = ("saved_model.pb", "saved_model.pbtxt")
_UNKNOWN = 2  # number of the status code

# gRPC reports a call without a deadline as one some 300 million years away.
_FOREVER_SECONDS = 1e9


class LoadedModel:
    """A SavedModel loaded as TF Serving loads it: initialised and callable.

    session_run.py says how it is run.
    """

    def __init__(
        self,
        path: Path,
        tags: Sequence[str] = ("serve",),
        session_config: tf.compat.v1.ConfigProto | None = None,
    ):
        """Loads the model and runs its initialisers.

        Args:
            path: the version directory.
            tags: which of its graphs.
            session_config: threads and memory of TensorFlow.

        Raises:
            ServingError: there is no model, or it does not load.
        """
        if not any((path / name).is_file() for name in _GRAPH_FILES):
            raise not_found(
                "Specified file path does not appear to contain a SavedModel "
                "bundle (should have a file called `saved_model.pb`)\n"
                f"Specified file path: {path}"
            )
        graph = tf.Graph()
        self._session = tf.compat.v1.Session(graph=graph, config=session_config)
        self._run = choose_run()(self._session)
        try:
            with graph.as_default():
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
        timeout_ms = None
        if timeout_seconds is not None and timeout_seconds < _FOREVER_SECONDS:
            timeout_ms = max(int(timeout_seconds * 1000), 1)
        return self._run(feeds, fetches, timeout_ms)

    def close(self) -> None:
        """Gives the memory back; no run may be under way."""
        self._session.close()
