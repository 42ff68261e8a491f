"""Names pushed versions: what is stable, what is tried out."""

from pipeline.commands.recommendation import await_version
from pipeline.commands.recommendation import find_served_version
from pipeline.runs.run_folder import RunFolder
from serving import version_labels


def move_label(
    folder: RunFolder, label: str, version: int | None, address: str | None
) -> None:
    """Gives a pushed version a name, or takes the name away.

    Args:
        folder: that has pushed versions.
        label: such as "stable".
        version: its number; None = nobody has the label any more.
        address: host:port of a running server, which loads the version
            first; None = there is none, or it will be started again.

    Raises:
        FileNotFoundError: nothing has been pushed.
        ValueError: the label is no name.
        LookupError: there is no such version.
        TimeoutError: the server does not load it.
    """
    base_path = find_served_version(folder).parent
    if address is not None and version is not None:
        version_labels.check_label(base_path, label, version)
        with version_labels.hold_lock(base_path):
            version_labels.write_models_config(base_path, also=version)
        await_version(address, base_path.name, version)
    version_labels.set_label(base_path, label, version)


def describe_labels(folder: RunFolder) -> list[str]:
    """Lists names and versions, and who answers when none is named.

    Raises:
        FileNotFoundError: nothing has been pushed.
    """
    served = find_served_version(folder)
    labels = version_labels.read_labels(served.parent)
    return [
        *(f"{label}: {version}" for label, version in labels.items()),
        f"Who names no label is answered by version {served.name}.",
    ]
