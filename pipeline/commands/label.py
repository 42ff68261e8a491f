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
            first; None = there is none, or it loads the version already.

    Raises:
        FileNotFoundError: nothing has been pushed.
        ValueError: the label is no name, or without an address it is moved
            to a version that servers do not load.
        LookupError: there is no such version.
        TimeoutError: the server does not load it; it is told no more to.
    """
    base_path = find_served_version(folder).parent
    if address is None or version is None:
        version_labels.set_label(base_path, label, version)
        return
    version_labels.check_label(base_path, label, version)
    try:
        with version_labels.hold_lock(base_path):
            version_labels.write_models_config(base_path, also=version)
        await_version(address, base_path.name, version)
        version_labels.set_label(base_path, label, version)
    finally:
        with version_labels.hold_lock(base_path):
            version_labels.write_models_config(base_path)


def describe_labels(folder: RunFolder) -> list[str]:
    """Lists names and versions, and which version answers whom.

    Raises:
        FileNotFoundError: nothing has been pushed.
    """
    served = find_served_version(folder)
    base_path = served.parent
    labels = version_labels.read_labels(base_path)
    loaded = version_labels.find_loaded_versions(base_path)
    file = base_path / version_labels.MODELS_CONFIG_FILE
    lines = [
        *(f"{label}: {version}" for label, version in labels.items()),
        f"`tastemaker` and its gateway ask version {served.name}.",
    ]
    if labels:
        lines.append(
            f"A server with --model_config_file={file} answers other callers"
            f" who name no label with version {max(loaded)}."
        )
    return lines
