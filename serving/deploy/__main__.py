"""`python -m serving.deploy --output DIR [--values FILE] [--labels FILE]`."""

import argparse
import dataclasses
import sys
from pathlib import Path

from serving.deploy.rendered_files import write_files
from serving.deploy.values import DEFAULT_VALUES
from serving.deploy.values import DeployValues
from serving.deploy.values import load_values
from serving.version_labels import STABLE
from serving.version_labels import read_labels_file


def main(arguments: list[str] | None = None) -> int:
    """Renders a deployment.

    Returns:
        0 = written, 2 = the values are wrong or a file cannot be written.
    """
    parser = argparse.ArgumentParser(prog="python -m serving.deploy")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--values", type=Path, default=DEFAULT_VALUES, metavar="FILE"
    )
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="labels.json of the model, as `tastemaker label` writes it; in "
        "place of `model.versions` and `model.labels` of the values",
    )
    flags = parser.parse_args(arguments)
    try:
        values = load_values(flags.values)
        if flags.labels is not None:
            values = _use_labels(values, flags.labels)
        written = write_files(values, flags.output)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path in written:
        sys.stdout.write(f"{path}\n")
    return 0


def _use_labels(values: DeployValues, file: Path) -> DeployValues:
    """Takes over which versions have a name, and loads these.

    Args:
        values: that do not say it themselves.
        file: `labels.json` beside the versions, see version_labels.py.

    Raises:
        ValueError: the values say it, too, or the file is wrong.
        FileNotFoundError: there is no such file.
    """
    if values.model.versions or values.model.labels:
        raise ValueError(
            "`model.versions` and `model.labels` must be left out where"
            " --labels says which versions are served. Received:"
            f" versions={values.model.versions}, labels="
            f"{dict(values.model.labels)}."
        )
    if not file.is_file():
        raise FileNotFoundError(
            f"--labels must name a labels.json. Received: {file}. Write it with"
            " `tastemaker label LABEL VERSION`."
        )
    labels = read_labels_file(file)
    if labels and STABLE not in labels:
        raise ValueError(
            f"{file} must say which version is `{STABLE}`: a deployment loads"
            f" what is labelled and nothing else. Received: {labels}."
        )
    model = dataclasses.replace(
        values.model,
        versions=tuple(sorted(set(labels.values()))),
        labels=labels,
    )
    return dataclasses.replace(values, model=model)


if __name__ == "__main__":
    sys.exit(main())
