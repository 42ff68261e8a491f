"""Counts the users of a loaded model, so that none loses it."""

import threading

from serving.model_server.versions.loaded_model import LoadedModel


class ModelHandle:
    """A loaded model that is closed only after its last user left.

    `acquire` and `release` enclose each use; after `retire` no new use begins,
    and once the handle is drained the model may be closed.
    """

    def __init__(self, model: LoadedModel, version: int):
        self.model = model
        self.version = version
        self._lock = threading.Lock()
        self._num_users = 0
        self._is_retired = False

    def acquire(self) -> bool:
        """Registers a user; False means that the model is being unloaded."""
        with self._lock:
            if self._is_retired:
                return False
            self._num_users += 1
            return True

    def release(self) -> None:
        """Removes a user."""
        with self._lock:
            self._num_users -= 1

    def retire(self) -> None:
        """Accepts no new user."""
        with self._lock:
            self._is_retired = True

    def is_drained(self) -> bool:
        """Tells whether the model is retired and its last user has left."""
        with self._lock:
            return self._is_retired and not self._num_users
