"""Costs and gains of each method of adaptation, in one table.

    python -m benchmarks.adaptation [--methods a,b] [--steps N] [--json]

MovieLens latest-small, all-MiniLM-L6-v2. Each method runs in its own process,
one after the other, with the same text pairs in the same order and the same
number of steps. Pairs are items up to three events apart in one user's history,
without held-out items and without any user's last event.

- cold_items: the protocol of `benchmarks.quality` (10% of the items unseen in
  training, only these are ranked), applied to the text vectors themselves: the
  score of an item is its cosine with the mean of the user's last 50 items. So
  it measures the adaptation alone. Three draws of items are held out at once,
  each is ranked by itself, and the figure is their mean.
- leave_last: towers trained for a few epochs over the catalogue's vectors, on
  sequences of items alone; `--epochs 0` leaves it out.

Gain is what a method adds to `frozen`; the last column is its share of the
gain of `full` on cold_items. Peak memory is that of the process up to the end
of the adaptation, TensorFlow itself included: compare it with `frozen`'s,
which loads the model and does nothing. `--validation` asks about other items
than the test does: learning rates are to be compared there, with methods given
as `lora:5e-4,lora:1e-3`.
"""

import argparse
import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from collections.abc import Sequence

from benchmarks.adaptation.run import Settings

METHODS = (
    "frozen",
    "full",
    "top_layers",
    "lora",
    "adalora",
    "adapter",
    "prefix",
)
_BAR = 0.95  # of the gain of `full` that `lora` is to reach
_BUDGET = 0.03  # of the parameters of `full` that it may train


def run(settings: Settings) -> dict:
    """Measures one method in a new process.

    Raises:
        RuntimeError: the process failed; the message ends with its output.
    """
    text = json.dumps(dataclasses.asdict(settings))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.adaptation.run", text],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"The process of method {settings.method!r} must end well."
            f" Received: exit code {done.returncode}.\n{done.stderr[-4000:]}"
        )
    return json.loads(done.stdout.splitlines()[-1])


def compare_gains(results: Sequence[dict]) -> dict[str, float]:
    """Share of the gain of `full` on cold_items, by method.

    Empty where `frozen` or `full` was not run, or `full` gained nothing.
    """
    ndcg = {one["method"]: one["cold_items_ndcg_at_10"] for one in results}
    if not {"frozen", "full"} <= set(ndcg) or ndcg["full"] <= ndcg["frozen"]:
        return {}
    gain = ndcg["full"] - ndcg["frozen"]
    return {
        method: (value - ndcg["frozen"]) / gain
        for method, value in ndcg.items()
    }


def judge_lora(results: Sequence[dict]) -> str:
    """One line on whether LoRA reaches its goals; "" = not run."""
    shares = compare_gains(results)
    sizes = {one["method"]: one["trainable_parameters"] for one in results}
    if "lora" not in shares:
        return ""
    size = sizes["lora"] / sizes["full"]
    verdict = shares["lora"] >= _BAR and size < _BUDGET
    return (
        f"LoRA: {shares['lora']:.0%} of full fine-tuning's gain with"
        f" {size:.1%} of its parameters; asked are {_BAR:.0%} with less than"
        f" {_BUDGET:.0%}: {'reached' if verdict else 'not reached'}."
    )


def _rows(results: Sequence[dict]) -> Iterator[str]:
    yield (
        f"{'':12}{'parameters':>12}{'s/step':>8}{'CPU s/step':>12}"
        f"{'peak MB':>9}{'cold_items':>18}{'by draw':>21}{'leave_last':>18}"
        f"{'of gain':>9}"
    )
    shares = compare_gains(results)
    for one in results:
        share = shares.get(one["method"])
        yield (
            f"{one['method']:12}{one['trainable_parameters']:12,}"
            f"{one['seconds_a_step']:8.2f}{one['cpu_seconds_a_step']:12.2f}"
            f"{one['peak_megabytes']:9.0f}"
            f"{_figure(one, 'cold_items')}{_draws(one):>21}"
            f"{_figure(one, 'leave_last')}"
            f"{'' if share is None else f'{share:.0%}':>9}"
        )


def _draws(result):
    draws = result["cold_items_ndcg_at_10_by_draw"]
    return " ".join(f"{value:.4f}" for value in draws)


def _figure(result, protocol):
    value = result.get(f"{protocol}_ndcg_at_10")
    if value is None:
        return f"{'-':>18}"
    return f"{value:10.4f} ±{result[f'{protocol}_ndcg_at_10_se']:.4f}"


def _name(settings):
    rate = settings.learning_rate
    return settings.method if rate is None else f"{settings.method}:{rate:g}"


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--methods",
        default=",".join(METHODS),
        help="comma-separated (default: %(default)s); name:rate sets a"
        " learning rate",
    )
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--accumulation-steps", type=int, default=1)
    parser.add_argument("--gradient-checkpointing", action="store_true")
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    chosen = []
    for name in filter(None, options.methods.split(",")):
        method, _, rate = name.partition(":")
        if method not in METHODS:
            parser.error(
                f"--methods must name some of {', '.join(METHODS)}."
                f" Received: {method}."
            )
        chosen.append(
            Settings(
                method=method,
                num_steps=options.steps,
                batch_size=options.batch_size,
                learning_rate=float(rate) if rate else None,
                is_validation=options.validation,
                num_epochs=options.epochs,
                accumulation_steps=options.accumulation_steps,
                gradient_checkpointing=options.gradient_checkpointing,
            )
        )
    return options, chosen


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table and, with `--json`, one JSON object after it."""
    options, chosen = _parse(arguments)
    results = []
    for settings in chosen:
        results.append(run(settings))
        sys.stderr.write(
            f"{settings.method}: cold_items"
            f" {results[-1]['cold_items_ndcg_at_10']:.4f}\n"
        )
    sys.stdout.write(
        f"movielens-small, {options.steps} steps of {options.batch_size} pairs"
        f"{', validation items' if options.validation else ''}, NDCG@10\n"
    )
    sys.stdout.writelines(f"{row}\n" for row in _rows(results))
    if verdict := judge_lora(results):
        sys.stdout.write(f"{verdict}\n")
    if options.json:
        models = {
            _name(settings): dataclasses.asdict(settings) | one
            for one, settings in zip(results, chosen, strict=True)
        }
        summary = {"dataset": "movielens-small", "steps": options.steps}
        sys.stdout.write(json.dumps(summary | {"models": models}) + "\n")


if __name__ == "__main__":
    main()
