"""What people meet these days: all there is to say to one without history."""

import numpy as np

from trainer.scoring.linear.sequences import Sequences

_OLDER_SHARE = 2 / 3  # of the windows that are too old to count
_SMOOTHING = 20.0  # events of any time, beside the newest


def score_recent_popularity(sequences: Sequences) -> np.ndarray:
    """Scores items by their share of the newest events.

    Args:
        sequences: the windows; the newest third of them counts, and a little
            of the older ones for items that it lacks.

    Returns:
        float32 `[N]`, natural logarithm of the estimated chance over that of
        an item drawn evenly: 0 = no more likely than any.
    """
    oldest = np.quantile(sequences.ended_at, _OLDER_SHARE)
    recent = sequences.select(sequences.ended_at >= oldest).count_targets()
    counts = sequences.count_targets() + 1.0
    chance = recent + _SMOOTHING * counts / counts.sum()
    share = chance / chance.sum()
    return np.log(share * sequences.num_items).astype(np.float32)
