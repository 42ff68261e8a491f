"""Reads the curves that training wrote for TensorBoard."""

import math
from pathlib import Path

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.util import tensor_util

# tag, as "epoch_loss" -> log folder, as "train" -> (step, value)
Curves = dict[str, dict[str, list[tuple[float, float]]]]


def load_training_curves(logs_path: Path) -> Curves:
    """Collects all scalars below a folder of event files.

    Args:
        logs_path: folder of the `ModelRun` artifact.

    Returns:
        Tag to the name of the log folder, below `logs_path`, to `(step,
        value)` in order of steps. Values that are not finite are left out,
        and so are tags without any value.
    """
    curves: Curves = {}
    folders = {p.parent for p in logs_path.rglob("*tfevents*")}
    for folder in sorted(folders):
        reader = event_accumulator.EventAccumulator(
            str(folder),
            size_guidance={
                event_accumulator.SCALARS: 0,  # 0 = keep all
                event_accumulator.TENSORS: 0,
            },
        )
        reader.Reload()
        name = folder.relative_to(logs_path).as_posix()
        for tag, points in _read_points(reader).items():
            finite = [(s, v) for s, v in points if math.isfinite(v)]
            if finite:
                curves.setdefault(tag, {})[name] = finite
    return curves


def _read_points(
    reader: event_accumulator.EventAccumulator,
) -> dict[str, list[tuple[float, float]]]:
    tags = reader.Tags()
    points = {
        tag: [(event.step, event.value) for event in reader.Scalars(tag)]
        for tag in tags["scalars"]
    }
    for tag in tags["tensors"]:
        metadata = reader.SummaryMetadata(tag)
        if metadata.plugin_data.plugin_name != "scalars":
            continue
        points[tag] = [
            (
                event.step,
                float(tensor_util.make_ndarray(event.tensor_proto)),
            )
            for event in reader.Tensors(tag)
        ]
    return points
