"""The versions below a serving folder: which are served, which are broken."""

from dataclasses import dataclass
from pathlib import Path

from schemas.artifact_files import PUSHED_CATALOG_FILE
from serving import version_labels
from serving.export_check.export_problems import find_problems
from serving.export_check.op_list import OpList
from serving.export_check.op_list import load_stock_image_ops
from serving.version_directory import list_versions

_NEEDED_FILES = (
    "saved_model.pb",
    "variables/variables.index",
    "variables/variables.data-*",  # one shard at least
    PUSHED_CATALOG_FILE,
)


@dataclass(frozen=True, kw_only=True)
class PushedVersion:
    """One version of a model.

    Attributes:
        model: its name.
        number: of the version.
        labels: the names that it has.
        is_served: whether `tastemaker` and its gateway ask for it.
        problem: why it is broken; "" = it is not.
    """

    model: str
    number: int
    labels: tuple[str, ...]
    is_served: bool
    problem: str


def list_pushed_versions(serving_path: Path) -> list[PushedVersion]:
    """Lists the versions of all models, lowest first.

    Args:
        serving_path: folder that holds a folder per model.

    Raises:
        ValueError: the labels of a model cannot be read.
    """
    if not serving_path.is_dir():
        return []
    stock_ops = load_stock_image_ops()
    versions = []
    for base_path in sorted(serving_path.glob("*/")):
        labels = version_labels.read_labels(base_path)
        served = version_labels.find_served_version(base_path)
        versions += [
            PushedVersion(
                model=base_path.name,
                number=number,
                labels=tuple(n for n, one in labels.items() if one == number),
                is_served=path == served,
                problem=_find_problem(path, stock_ops),
            )
            for number, path in list_versions(base_path).items()
        ]
    return versions


def _find_problem(version_path: Path, stock_ops: OpList) -> str:
    """Finds why a version does not load; "" = nothing is found.

    The graph is compared with the ops of TensorFlow Serving's stock image:
    what that does not load, a deployment does not serve.
    """
    for name in _NEEDED_FILES:
        if not any(found.is_file() for found in version_path.glob(name)):
            return f"no {name}"
    try:
        problems = find_problems(version_path, stock_ops)
    except ValueError as error:
        return str(error)
    return problems[0] if problems else ""
