"""Which settings of the blend are best, asked of held-out training events.

    python -m benchmarks.blend --protocol next_item --folder FOLDER \
        [--seeds 3] [--part 300,600 | --no-towers] \
        [--try '{"co_occurrence_stretch": 100000}']...

The test part of the protocol (`benchmarks.quality`) is taken away, and what
is left is divided by the same protocol once more: no setting that is chosen
here has seen a test query. The towers are trained once a seed; they neither
know nor need the linear models beside them, which are fitted once a setting.
Scores are kept in the folder for the next call. With `--no-towers` the linear
models are alone, which takes no training; with `--part` some users and the most
frequent items are all there is.

The first rows tell how the weights of the blend may be learnt. Training
learns them on the eval split, with linear models that saw that of other users,
then lets all models learn from that split as well. "The judging queries
themselves" have the highest likelihood there can be, which need not be the best
NDCG@10. The NDCG@10 is that of the gate: full ranking by the blend that ships.
"""

import argparse
import dataclasses
import json
import logging
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.blend.held_out import Stages
from benchmarks.blend.held_out import load_scores
from benchmarks.blend.held_out import run_stages
from benchmarks.blend.trials import CROSS_FITTED
from benchmarks.blend.trials import EVEN
from benchmarks.blend.trials import OF_THE_JUDGE
from benchmarks.blend.trials import OF_TRAIN
from benchmarks.blend.trials import Split
from benchmarks.blend.trials import try_setting
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import load_small
from benchmarks.quality.datasets import take_part
from benchmarks.quality.protocols import set_up
from benchmarks.quality.protocols import take_test_part_away
from benchmarks.quality.ranking_protocol import compute_standard_error
from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.trained_pipeline import change_settings

if TYPE_CHECKING:
    from benchmarks.blend.trials import Fitted

_DATASET = "movielens-small"
_WAYS = (CROSS_FITTED, OF_TRAIN, OF_THE_JUDGE, EVEN)


def hold_out(protocol: str, dataset: Dataset) -> Experiment:
    """Takes the test part away and divides the rest again.

    Args:
        protocol: one of `PROTOCOLS`.
        dataset: with the test part.

    Returns:
        What the pipeline is given; its test split is the validation part.
    """
    rest = take_test_part_away(protocol, dataset)
    experiment, _ = set_up(protocol, _DATASET, rest)
    # Its figure counts every target, however it was liked.
    return dataclasses.replace(experiment, trainer={"objective": "touch"})


def try_seed(
    root: Path,
    stages: Stages,
    seed: int | None,
    tried: Sequence[dict[str, object]],
    fitted: "Fitted",
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Trains one seed's towers, unless they are, and judges all settings.

    Args:
        root: folder for the scores.
        stages: what the pipeline made.
        seed: of the training; None = no towers.
        tried: settings of the linear models.
        fitted: linear models of earlier seeds; gets those of this one.

    Returns:
        Name of a row to the NDCG@10 of each query, and whose query each is.
    """
    from trainer.fitting.refit import add_counts
    from trainer.inputs.item_table import load_item_table
    from trainer.inputs.recent_windows import iterate_batches
    from trainer.inputs.training_data import load_training_data
    from trainer.scoring.linear.sequences import collect_sequences
    from trainer.sources import list_columns
    from trainer.training import count_items

    inputs, config = stages.inputs, stages.config
    if seed is not None:
        config = dataclasses.replace(config, seed=seed)
    items = load_item_table(
        inputs.catalog_path,
        inputs.vectors_path,
        count_items(inputs.transform),
        list_columns(config.towers),
    )
    data = load_training_data(items, inputs, config)
    asked, judge = load_scores(root, stages, items, data, seed)
    recent = iterate_batches(data.recent, 128, items.num_items)
    split = Split(
        add_counts(items, data.recent),
        collect_sequences(data.windows, items.num_items),
        collect_sequences(recent, items.num_items),
        asked,
        judge,
        fitted,
    )
    found = {
        f"weights: {way}": ndcg
        for way, ndcg in try_setting(split, config, _WAYS).items()
    }
    for changes in tried:
        changed = change_settings(config, {"linear": changes})
        other = try_setting(split, changed, [CROSS_FITTED])
        found[json.dumps(changes)] = other[CROSS_FITTED]
        logging.info("%s: %.4f", changes, other[CROSS_FITTED].mean())
    return found, judge.user


def format_rows(
    found: Sequence[dict[str, np.ndarray]], users: np.ndarray
) -> Iterator[str]:
    """Yields the table: each row's mean, its lead on the first, by seed.

    Args:
        found: of each seed, as of `try_seed`.
        users: int64 `[Q]`, whose query each is.
    """
    _, codes = np.unique(users, return_inverse=True)
    yield f"{'':52}{'NDCG@10':>17}{'less the first':>19}  by seed"
    first = next(iter(found[0]))
    for name in found[0]:
        ndcg = np.mean([seed[name] for seed in found], axis=0)
        lead = ndcg - np.mean([seed[first] for seed in found], axis=0)
        by_seed = [(seed[name] - seed[first]).mean() for seed in found]
        yield (
            f"{name:52}{ndcg.mean():9.4f}"
            f" ±{compute_standard_error(ndcg, codes):.4f}"
            f"{lead.mean():+11.4f} ±{compute_standard_error(lead, codes):.4f}"
            f"  {' '.join(f'{one:+.4f}' for one in by_seed)}"
        )


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--protocol", choices=["leave_last", "next_item"], required=True
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--no-towers", action="store_true")
    parser.add_argument(
        "--part", help="how many users and items; both with a comma between"
    )
    parser.add_argument(
        "--try",
        dest="tried",
        type=json.loads,
        action="append",
        default=[],
        help="other settings of `linear` as JSON; may be given again",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    root = options.folder.resolve()
    dataset = load_small()
    if options.part:
        dataset = take_part(dataset, *map(int, options.part.split(",")))
    stages = run_stages(root, hold_out(options.protocol, dataset))
    seeds = [None] if options.no_towers else range(1, options.seeds + 1)
    found, fitted = [], {}
    for seed in seeds:
        ndcg, users = try_seed(root, stages, seed, options.tried, fitted)
        found.append(ndcg)
    sys.stdout.write(
        f"{_DATASET}, {options.protocol}, {len(users)} validation queries,"
        f" {'no towers' if options.no_towers else f'{len(found)} seeds'}\n"
    )
    sys.stdout.writelines(f"{row}\n" for row in format_rows(found, users))


if __name__ == "__main__":
    main()
