"""Opens the behaviour store of a URL."""

from contextlib import ExitStack
from pathlib import Path

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.behavior.state.state_store import StateStore

_SQLITE = "sqlite:///"
_REDIS = ("redis://", "rediss://", "unix://")


def open_behavior_store(
    state_url: str,
    log_folder: Path,
    limits: StateLimits | None = None,
    window_spans: int = 30,
) -> BehaviorStore:
    """Opens state and log; if Redis is away, it connects later.

    Args:
        state_url: `sqlite:///PATH`, with a fourth slash if the path is
            absolute, or `redis://HOST:PORT/NUMBER`, `rediss://` for TLS,
            `unix://SOCKET`.
        log_folder: of this process alone.
        limits: of the state; None = the defaults.
        window_spans: how many spans' events a span holds; older ones leave.

    Returns:
        The store; close it.

    Raises:
        ValueError: the URL names neither, the file is not our SQLite, or a
            newer release keeps its state there.
        RuntimeError: another process has the folder, or the SQLite file.
        OSError: the disk refused.
    """
    with ExitStack() as opened:  # closed again if a later one cannot be opened
        state = _open_state(state_url, limits)
        opened.callback(state.close)
        log = BehaviorLog(log_folder, window_spans)
        opened.callback(log.close)
        store = BehaviorStore(state, log)
        opened.pop_all()
    return store


def _open_state(url: str, limits: StateLimits | None) -> StateStore:
    path = url.removeprefix(_SQLITE)
    if path not in ("", url):
        return SqliteStateStore(Path(path), limits)
    if url.startswith(_REDIS):
        # The import takes a tenth of a second, not needed with SQLite.
        from serving.gateway.behavior.state.redis_store import RedisStateStore

        return RedisStateStore(url, limits)
    raise ValueError(
        "The state's URL must begin with sqlite:///, redis://, rediss:// or "
        f"unix://. Received: {url.partition(':')[0]}:..."
    )
