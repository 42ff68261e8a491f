"""State stores of every kind, and a Redis that lasts as long as a module."""

import shutil
import subprocess
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from serving.gateway.behavior.open_behavior_store import _open_state
from serving.gateway.behavior.state import state_store
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.behavior.state.state_store import StateStore

_START_SECONDS = 30.0


class RedisProcess:
    """A Redis on a socket of its own, which forgets all when it stops."""

    def __init__(self, folder: Path, password: str = ""):
        self._folder = folder
        self._password = password
        self._socket = folder / "socket"
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        command = ["redis-server", "--port", "0", "--save", ""]
        command += ["--unixsocket", self._socket, "--dir", self._folder]
        command += ["--requirepass", self._password]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        end = time.monotonic() + _START_SECONDS
        with redis.Redis.from_url(self.url) as client:
            while not self._answers(client):
                if time.monotonic() > end:
                    raise TimeoutError("Redis must start. Received: silence.")
                time.sleep(0.01)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._socket.unlink(missing_ok=True)

    def _answers(self, client: redis.Redis) -> bool:
        try:
            return client.ping()
        except redis.AuthenticationError:
            return True
        except redis.ConnectionError:
            return False


@pytest.fixture(scope="module")
def redis_process(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RedisProcess]:
    """A running Redis; its tests may stop it if they start it again."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed: apt install redis-server")
    process = RedisProcess(tmp_path_factory.mktemp("redis"))
    process.start()
    yield process
    process.stop()


# Every kind of store that lies in the folder is asked the whole contract.
_FOLDER = Path(state_store.__file__).parent
_KINDS = sorted(
    path.stem.removesuffix("_store")
    for path in _FOLDER.glob("*_store.py")
    if path.stem != "state_store"
)


@pytest.fixture(params=_KINDS)
def open_state(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., StateStore]]:
    """Opens one and the same state, of each kind, with limits by name.

    It is closed when it is opened again.
    """
    opened = []
    if request.param == "redis":
        url = request.getfixturevalue("redis_process").url
        with redis.Redis.from_url(url) as client:
            client.flushall()
    else:
        url = {"sqlite": f"sqlite:///{tmp_path}/state.db"}[request.param]

    def open_(**limits) -> StateStore:
        while opened:
            opened.pop().close()
        opened.append(_open_state(url, StateLimits(**limits)))
        return opened[-1]

    yield open_
    for state in opened:
        state.close()
