"""The record of one version of a model, from START to END."""

import dataclasses
import enum
from pathlib import Path

from serving.model_server.serving_error import ServingError
from serving.model_server.versions.model_handle import ModelHandle


class State(enum.IntEnum):
    """Life of a version; the numbers of ModelVersionStatus.State."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclasses.dataclass
class VersionRecord:
    """One version ever seen by this process."""

    number: int
    path: Path
    state: State = State.START
    is_aspired: bool = True
    is_busy: bool = False  # a thread loads or closes it right now
    error: ServingError | None = None
    num_tries: int = 0
    next_try: float = 0.0  # seconds on the clock
    handle: ModelHandle | None = None
