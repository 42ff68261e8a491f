"""TensorBoard's learning rate and projector."""

import pathlib

import numpy as np
import tensorflow as tf
from tensorboard.plugins import projector

from trainer.inputs.item_table import ItemTable

_PROJECTED_ITEMS = 5000  # most popular ones; the projector is a browser page


class LearningRateLog(tf.keras.callbacks.Callback):
    """Writes the learning rate of each epoch's end."""

    def __init__(self, log_path: str):
        """Opens an event file beside those of the other metrics."""
        super().__init__()
        self._writer = tf.summary.create_file_writer(
            str(pathlib.Path(log_path) / "train")
        )

    def on_epoch_end(self, epoch, logs=None):
        """Reads the schedule at the optimizer's step."""
        rate = self.model.optimizer.learning_rate
        if isinstance(rate, tf.keras.optimizers.schedules.LearningRateSchedule):
            rate = rate(self.model.optimizer.iterations)
        with self._writer.as_default():
            tf.summary.scalar("epoch_learning_rate", rate, step=epoch)

    def on_train_end(self, logs=None):
        """Closes the file."""
        self._writer.close()


def write_projector(
    log_path: str, items: ItemTable, titles: list[str], vectors: np.ndarray
) -> None:
    """Puts the item vectors with titles and categories into the projector.

    Beside a vector stand its title, the first category, which colours it, all
    categories, how often it was met in training, and the item's id.

    Args:
        log_path: TensorBoard's folder.
        items: the catalogue.
        titles: of each row.
        vectors: float32 `[N, D]`.
    """
    folder = pathlib.Path(log_path)
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.argsort(-items.counts, kind="stable")[:_PROJECTED_ITEMS]
    np.savetxt(folder / "items.tsv", vectors[rows], "%.5f", delimiter="\t")
    lines = ["title\tcategory\tall categories\ttrain events\titem id"]
    for row in rows:
        categories = [
            items.categories[one] for one in items.category_ids[row] if one >= 0
        ]
        first = categories[0] if categories else ""
        texts = (titles[row], first, ", ".join(categories))
        cells = [" ".join(text.split()) for text in texts]  # no tab within
        # Titles may repeat, ids do not.
        cells += [str(items.counts[row]), items.item_ids[row]]
        lines.append("\t".join(cells))
    (folder / "titles.tsv").write_text("\n".join(lines), encoding="utf-8")
    config = projector.ProjectorConfig()
    config.embeddings.add(
        tensor_name="items",
        tensor_path="items.tsv",
        metadata_path="titles.tsv",
    )
    projector.visualize_embeddings(str(folder), config)
