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
    """Puts the item vectors with their titles into TensorBoard's projector.

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
    lines = ["title\tcategory\ttrain events\titem id"]
    for row in rows:
        first = items.category_ids[row, 0]
        category = items.categories[first] if first >= 0 else ""
        title = " ".join(titles[row].split())  # a tab would be a column
        item_id = items.item_ids[row]  # titles may repeat, ids do not
        lines.append(f"{title}\t{category}\t{items.counts[row]}\t{item_id}")
    (folder / "titles.tsv").write_text("\n".join(lines), encoding="utf-8")
    config = projector.ProjectorConfig()
    config.embeddings.add(
        tensor_name="items",
        tensor_path="items.tsv",
        metadata_path="titles.tsv",
    )
    projector.visualize_embeddings(str(folder), config)
