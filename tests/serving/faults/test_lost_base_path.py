"""The folder of the versions goes away, fills up, or empties."""

import os
import shutil
import subprocess

import pytest


def test_base_path_that_disappears_takes_nothing_with_it(asked, pusher):
    away = pusher.base_path.with_name("away")
    pusher.base_path.rename(away)
    asked.wait_for(1, "AVAILABLE")
    for _ in range(5):
        assert asked.halve(4.0) == (3.0, 1)
    away.rename(pusher.base_path)
    pusher.push(2)
    asked.wait_for(2, "AVAILABLE")
    assert asked.halve(4.0) == (4.0, 2)


def test_base_path_that_becomes_a_file_takes_nothing_with_it(asked, pusher):
    shutil.move(pusher.base_path, pusher.base_path.with_name("away"))
    pusher.base_path.write_text("no folder")
    for _ in range(5):
        assert asked.halve(4.0) == (3.0, 1)
    assert asked.read_states()[1] == ("AVAILABLE", 0, "")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted: {mounted.stderr}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_version_cut_short_by_a_full_disk_is_not_served(
    small_disk, offset_models
):
    from serving.model_server.server import ModelServer
    from serving.model_server.server import ServerOptions
    from tests.serving.faults.conftest import NAME
    from tests.serving.faults.conftest import Asked
    from tests.serving.faults.conftest import Pusher

    pusher = Pusher(small_disk, offset_models)
    pusher.push(1)
    options = ServerOptions(
        host="127.0.0.1",
        file_system_poll_wait_seconds=0.05,
        max_num_load_retries=0,
    )
    with ModelServer(NAME, small_disk, 0, options) as server:
        asked = Asked(f"127.0.0.1:{server.port}")
        # All that is left but for one page is taken.
        free = os.statvfs(small_disk)
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes((free.f_bavail - 2) * free.f_bsize))
        with pytest.raises(OSError, match="No space left"):
            shutil.copytree(offset_models[2], small_disk / "2")
        code, text = asked.wait_for(2, "END")
        assert code != 0
        assert text
        assert asked.halve(4.0) == (3.0, 1)
        # Room again for the next one.
        ballast.unlink()
        shutil.rmtree(small_disk / "2")
        pusher.push(3)
        asked.wait_for(3, "AVAILABLE")
        assert asked.halve(4.0) == (5.0, 3)
        asked.channel.close()
