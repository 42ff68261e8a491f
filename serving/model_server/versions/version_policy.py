"""Which versions are wanted, and which one to load or unload next.

Source: tensorflow_serving/sources/storage_path/file_system_storage_path_source
.cc:120-330 and core/availability_preserving_policy.cc:50-87 (SERVING rules
V-04 to V-07, H-01 to H-03).
"""

import enum
import logging
from collections.abc import Iterable
from pathlib import Path

from serving.model_server.versions.version_record import State
from serving.model_server.versions.version_record import VersionRecord
from serving.protos import file_system_storage_path_source_pb2
from serving.version_directory import select_latest

_logger = logging.getLogger(__name__)

_Source = file_system_storage_path_source_pb2.FileSystemStoragePathSourceConfig
ServableVersionPolicy = _Source.ServableVersionPolicy


class Action(enum.Enum):
    """The actions on a version."""

    LOAD = enum.auto()
    UNLOAD = enum.auto()


def select_versions(
    policy: ServableVersionPolicy, found: dict[int, Path], model_name: str
) -> dict[int, Path]:
    """Keeps the versions that a policy wants.

    Args:
        policy: from the model config; an empty one means the latest.
        found: number to path of what the base path holds.
        model_name: what warnings call the model.
    """
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return dict(found)
    if choice != "specific":
        return select_latest(found, policy.latest.num_versions)
    wanted = set(policy.specific.versions)
    if not wanted:
        _logger.warning(
            "No specific versions requested for servable %s.", model_name
        )
    for number in sorted(wanted - found.keys()):
        _logger.warning(
            "Version %d of servable %s, which was requested to be served as "
            "a 'specific' version in the servable's version policy, was not "
            "found in the file system",
            number,
            model_name,
        )
    return {n: path for n, path in found.items() if n in wanted}


def choose_action(
    records: Iterable[VersionRecord],
) -> tuple[Action, VersionRecord] | None:
    """Chooses the one next step that keeps a model available.

    Versions that are no longer wanted are unloaded first, lowest number first,
    but only once a wanted version serves (or none is wanted). Otherwise the
    highest new version is loaded.
    """
    ordered = sorted(records, key=lambda record: record.number)
    aspired = [record for record in ordered if record.is_aspired]
    if not aspired or any(r.state is State.AVAILABLE for r in aspired):
        for record in ordered:
            if record.state is State.AVAILABLE and not record.is_aspired:
                return Action.UNLOAD, record
    for record in reversed(aspired):
        if record.state is State.START:
            return Action.LOAD, record
    return None
