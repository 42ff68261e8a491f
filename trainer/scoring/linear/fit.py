"""Fits all linear models of a config."""

from trainer.config import LinearConfig
from trainer.scoring.linear.co_occurrence import fit_co_occurrence
from trainer.scoring.linear.linear_scores import LinearScores
from trainer.scoring.linear.sequences import Sequences
from trainer.scoring.linear.sequences import choose_items
from trainer.scoring.linear.transitions import fit_transitions


def fit_linear_models(
    sequences: Sequences, config: LinearConfig
) -> list[LinearScores]:
    """Fits what the config asks for.

    Args:
        sequences: windows to learn from.
        config: the models' settings.

    Returns:
        The models, ready for the graph; none where no item occurs often
        enough, or where they are turned off.
    """
    item_rows = choose_items(
        sequences.count_targets(), config.min_count, config.max_items
    )
    if not len(item_rows):
        return []
    return [
        LinearScores(fit(sequences, item_rows, config))
        for fit in (fit_co_occurrence, fit_transitions)
    ]
