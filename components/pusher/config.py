"""Settings of the Pusher. Free of TFX."""

from pydantic import Field
from pydantic import PositiveInt
from pydantic.dataclasses import dataclass

from schemas import signatures


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class PusherConfig:
    """Where a blessed model goes, and how many versions stay."""

    serving_model_dir: str  # holds <model_name>/<version>/; a local path
    model_name: str = Field(
        default=signatures.MODEL_NAME, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
    )
    keep_versions: PositiveInt = 5  # newest ones; labelled ones stay besides
    labels_file: str = "labels.json"  # {label: version}, beside the versions
