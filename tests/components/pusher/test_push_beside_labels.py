"""A label can be set while a push copies, and the push heeds it."""

import os
import threading
import time

from serving.version_labels import set_label
from tests.components.pusher.test_version_store import _make_model
from tests.components.pusher.test_version_store import _store
from tests.components.pusher.test_version_store import _visible


def test_labels_do_not_wait_for_a_copy_that_is_made(tmp_path):
    store = _store(tmp_path, keep_versions=1)
    store.push(_make_model(tmp_path / "old", "old"))
    pipe = _make_model(tmp_path / "new", "new") / "pipe"
    os.mkfifo(pipe)  # holds the copy up until somebody writes
    pusher = threading.Thread(target=store.push, args=[pipe.parent])
    pusher.start()
    try:
        while not list(store.path.glob(".tmp-*")):
            time.sleep(0.001)
        set_label(store.path, "stable", 1000)
        assert _visible(store) == ["1000"]
    finally:
        pipe.write_text("the rest")
        pusher.join()
    # The label came in time: the push deletes nothing that has one.
    assert _visible(store) == ["1000", "1001"]
