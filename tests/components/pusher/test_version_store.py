import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from components.pusher.config import PusherConfig
from components.pusher.version_store import VersionStore
from components.pusher.version_store import compute_manifest
from serving.model_server.settings.model_configs import read_model_config
from serving.version_labels import set_label

# Pushes argv[2] below argv[1]; with argv[3], no file may grow beyond it.
_PUSH = """
import resource, sys
from pathlib import Path
from components.pusher.config import PusherConfig
from components.pusher.version_store import VersionStore
if len(sys.argv) > 3:
    limit = int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
VersionStore(sys.argv[1], PusherConfig()).push(Path(sys.argv[2]))
"""


def _make_model(path: Path, content: str = "graph", num_files: int = 1) -> Path:
    (path / "variables").mkdir(parents=True)
    (path / "saved_model.pb").write_text(content)
    for number in range(num_files):
        (path / "variables" / f"{number:03d}").write_text(content * 100)
    return path


def _store(
    tmp_path: Path, keep_versions: int = 5, seconds: float = 1000.0
) -> VersionStore:
    config = PusherConfig(keep_versions=keep_versions)
    return VersionStore(str(tmp_path / "serving"), config, lambda: seconds)


def _visible(store: VersionStore) -> list[str]:
    """Lists what servers take for versions."""
    return sorted(p.name for p in store.path.iterdir() if p.name.isdecimal())


def _hidden(store: VersionStore) -> set[str]:
    return {p.name for p in store.path.iterdir() if p.name[0] == "."}


def test_version_is_the_second_of_the_push(tmp_path):
    store = _store(tmp_path, seconds=1763700000.9)
    push = store.push(_make_model(tmp_path / "model"))
    assert push.version == 1763700000
    assert push.path == tmp_path / "serving" / "tastemaker" / "1763700000"
    assert push.is_new
    assert compute_manifest(push.path) == compute_manifest(tmp_path / "model")


def test_versions_increase_even_within_a_second_and_if_the_clock_goes_back(
    tmp_path,
):
    versions = [
        _store(tmp_path, seconds=seconds)
        .push(_make_model(tmp_path / f"model{number}", f"graph {number}"))
        .version
        for number, seconds in enumerate([1000, 1000, 500, 2000])
    ]
    assert versions == [1000, 1001, 1002, 2000]


def test_same_files_are_not_pushed_twice(tmp_path, caplog):
    caplog.set_level("INFO")
    store = _store(tmp_path)
    first = store.push(_make_model(tmp_path / "model"))
    again = store.push(_make_model(tmp_path / "twin"))
    assert (again.version, again.is_new) == (first.version, False)
    assert _visible(store) == ["1000"]
    assert "Version 1000 of tastemaker already holds" in caplog.text


def test_older_twin_is_pushed_again_so_that_it_becomes_the_newest(tmp_path):
    store = _store(tmp_path)
    for name, content in [("a", "x"), ("b", "y"), ("c", "x")]:
        push = store.push(_make_model(tmp_path / name, content))
    assert push.is_new
    assert _visible(store) == ["1000", "1001", "1002"]


def test_only_the_newest_versions_stay(tmp_path):
    store = _store(tmp_path, keep_versions=2)
    for number in range(4):
        store.push(_make_model(tmp_path / f"m{number}", str(number)))
    assert _visible(store) == ["1002", "1003"]
    assert _hidden(store) == {".push.lock", ".labels.lock"}


def test_labelled_version_stays_besides_the_newest(tmp_path):
    store = _store(tmp_path, keep_versions=2)
    store.push(_make_model(tmp_path / "m0", "0"))
    set_label(store.path, "stable", 1000)
    for number in range(1, 5):
        store.push(_make_model(tmp_path / f"m{number}", str(number)))
    assert _visible(store) == ["1000", "1003", "1004"]


def test_version_that_a_server_config_pins_stays(tmp_path):
    file = tmp_path / "models.config"
    file.write_text(
        """
        model_config_list {
          config {
            name: "shop" base_path: "/models/tastemaker"
            model_version_policy { specific { versions: 1000 } }
          }
          config {
            name: "tastemaker" base_path: "/elsewhere/x"
            version_labels { key: "canary" value: 1001 }
          }
          config {
            name: "other" base_path: "/models/other"
            model_version_policy { specific { versions: 1002 } }
          }
        }
        """
    )
    config = PusherConfig(keep_versions=1, server_configs=(str(file),))
    store = VersionStore(str(tmp_path / "serving"), config, lambda: 1000.0)
    for number in range(5):
        store.push(_make_model(tmp_path / f"m{number}", str(number)))
    assert _visible(store) == ["1000", "1001", "1004"]


def test_server_config_that_cannot_be_read_stops_the_push(tmp_path):
    config = PusherConfig(server_configs=(str(tmp_path / "absent"),))
    store = VersionStore(str(tmp_path / "serving"), config)
    with pytest.raises(ValueError, match=r"server_configs.*absent"):
        store.push(_make_model(tmp_path / "model"))
    assert _visible(store) == []


def test_push_tells_servers_what_to_load(tmp_path):
    store = _store(tmp_path)
    store.push(_make_model(tmp_path / "m0", "0"))
    set_label(store.path, "canary", 1000)
    store.push(_make_model(tmp_path / "m1", "1"))
    file = read_model_config(store.path / "models.config")
    (model,) = file.model_config_list.config
    assert list(model.model_version_policy.specific.versions) == [1000, 1001]
    assert dict(model.version_labels) == {"canary": 1000}


def test_unreadable_labels_stop_the_push_before_anything_is_deleted(tmp_path):
    store = _store(tmp_path, keep_versions=1)
    store.push(_make_model(tmp_path / "m0", "0"))
    (store.path / "labels.json").write_text('{"stable": "newest"}')
    with pytest.raises(ValueError, match=r"labels\.json must hold .* label"):
        store.push(_make_model(tmp_path / "m1", "1"))
    assert _visible(store) == ["1000"]


def test_directory_without_a_graph_is_refused(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(ValueError, match=r"must hold `saved_model\.pb`"):
        _store(tmp_path).push(tmp_path / "model")


def test_object_store_is_refused():
    with pytest.raises(ValueError, match="Received: gs://bucket/serving"):
        VersionStore("gs://bucket/serving", PusherConfig())


def _list_files(folder: Path) -> set[str]:
    return {
        (Path(parent) / name).relative_to(folder).as_posix()
        for parent, _, names in os.walk(folder)
        for name in names
    }


def test_concurrent_reader_never_sees_half_a_version(tmp_path):
    store = _store(tmp_path, keep_versions=2)
    complete = {"saved_model.pb", *(f"variables/{n:03d}" for n in range(30))}
    is_over = threading.Event()
    seen, torn = set(), []

    def read():
        while not is_over.wait(0.01):
            for version in list(store.path.glob("[0-9]*")):
                try:
                    files = _list_files(version)
                except FileNotFoundError:
                    files = set()
                # Gone since it was listed: deleted, which is no harm.
                if version.exists():
                    seen.add(version.name)
                    if files != complete:
                        torn.append((version.name, sorted(files)))

    store.path.mkdir(parents=True)
    reader = threading.Thread(target=read)
    reader.start()
    end = time.monotonic() + 60
    number = 0
    while number < 15 or len(seen) <= 5:
        assert time.monotonic() < end, seen
        model = _make_model(tmp_path / f"m{number}", str(number), 30)
        store.push(model)
        number += 1
        time.sleep(0.02)
    is_over.set()
    reader.join()
    assert torn == []


def _start_push(store: VersionStore, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            _PUSH,
            str(store.path.parent),
            *map(str, arguments),
        ],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def test_killed_push_leaves_nothing_visible_and_the_next_one_recovers(
    tmp_path,
):
    store = _store(tmp_path)
    store.push(_make_model(tmp_path / "small", "old"))
    big = _make_model(tmp_path / "big", "new")
    with (big / "variables" / "big").open("wb") as file:
        file.truncate(1 << 29)
    process = _start_push(store, big)
    end = time.monotonic() + 60
    while not list(store.path.glob(".tmp-*/variables/big")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert _visible(store) == ["1000"]
    assert any(name.startswith(".tmp-") for name in _hidden(store))

    (big / "variables" / "big").unlink()
    push = store.push(big)
    assert push.is_new
    assert _visible(store) == ["1000", "1001"]
    assert _hidden(store) == {".push.lock", ".labels.lock"}


def test_full_disk_leaves_nothing_and_says_so(tmp_path):
    store = _store(tmp_path)
    store.push(_make_model(tmp_path / "old", "old"))
    process = _start_push(store, _make_model(tmp_path / "new", "x" * 999), 500)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "must fit into" in message
    assert "nothing of it was published" in message
    assert _visible(store) == ["1000"]
    assert _hidden(store) == {".push.lock", ".labels.lock"}


def test_pushes_wait_for_each_other(tmp_path):
    store = _store(tmp_path)
    models = [_make_model(tmp_path / f"m{n}", str(n), 20) for n in range(6)]
    threads = [
        threading.Thread(target=store.push, args=[model]) for model in models
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_visible(store)) == 5
    assert _visible(store)[-1] == str(1000 + 5)


def test_pushed_files_can_be_read_by_another_user(tmp_path):
    old = os.umask(0o022)
    try:
        push = _store(tmp_path).push(_make_model(tmp_path / "model"))
    finally:
        os.umask(old)
    assert (push.path / "saved_model.pb").stat().st_mode & 0o777 == 0o644
    assert push.path.stat().st_mode & 0o777 == 0o755
