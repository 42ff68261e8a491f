"""The verdict on a run's model: blessed, pushed, or why not."""

from dataclasses import dataclass

from pipeline.runs.figure_names import name_metric
from pipeline.runs.figure_names import name_slice
from pipeline.runs.figures import INFRA_BLESSING
from pipeline.runs.figures import PUSHED_MODEL
from pipeline.runs.figures import load_evaluation
from pipeline.runs.run_history import PipelineRun

_MANY = 0.1  # of the queries, from which on `repeats` is worth a word

MODEL_BLESSING = "ModelBlessing"  # TFX's name of the artifact type


@dataclass(frozen=True)
class Verdict:
    """The decisions of one run's gates. None: the gate did not run."""

    is_blessed: bool | None
    is_infra_blessed: bool | None
    is_pushed: bool | None
    pushed_version: str
    failures: tuple[str, ...]  # each threshold that was missed, with numbers
    met_before: float | None = None  # share of the test queries whose true
    # item had been met before; None: not evaluated

    @property
    def is_rejected(self) -> bool:
        gates = (self.is_blessed, self.is_infra_blessed, self.is_pushed)
        return False in gates

    @property
    def decision(self) -> str:
        """What became of the model, in one sentence."""
        if self.is_rejected:
            # The other gates do not run on a model that the evaluation rejects.
            if self.is_blessed is False:
                why = "the evaluation missed a threshold"
            elif self.is_infra_blessed is False:
                why = "the serving validation failed"
            else:
                why = "the pusher refused it"
            return f"The model was not pushed: {why}."
        if self.is_pushed:
            return f"The model was pushed as version {self.pushed_version}."
        passed = [
            gate
            for gate, is_passed in (
                ("the evaluation", self.is_blessed),
                ("the serving validation", self.is_infra_blessed),
            )
            if is_passed
        ]
        if passed:
            gates = " and ".join(passed)
            return f"The model passed {gates}; it was not to be pushed."
        return "The model was neither judged nor pushed in this run."

    def describe(self) -> list[str]:
        """Returns the verdict as lines of text."""
        lines = []
        if self.met_before is not None:
            lines.append(
                f"Of the test queries, {self.met_before:.1%} ask for an item"
                " that the user had met before."
            )
        if self.is_rejected:
            lines += [f"  {failure}" for failure in self.failures]
        lines.append(self.decision)
        if self.is_blessed is False and (self.met_before or 0.0) >= _MANY:
            lines.append(
                "Where people come back to items, `dataset.repeats: yes` lets"
                " slates and evaluation show what was met."
            )
        return lines


def read_verdict(run: PipelineRun) -> Verdict:
    """Reads blessings and push from the artifacts of a run.

    Args:
        run: as ML Metadata remembers it.

    Returns:
        The decisions; `failures` lists what a gate rejected.
    """
    is_blessed = _read_flag(run, MODEL_BLESSING, "blessed")
    is_infra_blessed = _read_flag(run, INFRA_BLESSING, "blessed")
    pushed = run.find_output(PUSHED_MODEL)
    evaluation = load_evaluation(run)
    failures = _list_missed_thresholds(evaluation) if evaluation else []
    overall = evaluation["metrics"].get("", {}) if evaluation else {}
    if is_blessed is not False and is_infra_blessed is False:
        failures += _find_serving_failures(run)
    return Verdict(
        is_blessed=is_blessed,
        is_infra_blessed=is_infra_blessed,
        is_pushed=_read_flag(run, PUSHED_MODEL, "pushed"),
        pushed_version=str(pushed.properties.get("pushed_version", ""))
        if pushed
        else "",
        failures=tuple(failures),
        met_before=overall.get("candidate", {}).get("met_before"),
    )


def _read_flag(run: PipelineRun, type_name: str, name: str) -> bool | None:
    artifact = run.find_output(type_name)
    if artifact is None:
        return None
    return artifact.properties.get(name) == 1


def _list_missed_thresholds(evaluation: dict) -> list[str]:
    return [
        describe_threshold(threshold)
        for threshold in evaluation["thresholds"]
        if not threshold["ok"]
    ]


def describe_threshold(threshold: dict) -> str:
    """Describes a missed threshold in one line.

    Args:
        threshold: one entry of `thresholds` of `read_evaluation`.

    Returns:
        "NDCG@10, all queries: 0.01 where at least 0.05 is asked for".
    """
    where = name_slice(threshold["slice"])
    bounds = [
        f"at {side} {threshold[f'at_{side}']:.4g}"
        for side in ("least", "most")
        if threshold[f"at_{side}"] is not None
    ]
    what = name_metric(threshold["metric"])
    if threshold["kind"] == "change":
        what = f"change of {what} against the served model"
    value = threshold["value"]
    came = "no value" if value is None else f"{value:.4g}"
    line = f"{what}, {where}: {came} where {' and '.join(bounds)} is asked"
    return f"{line} for" + (
        f" ({threshold['message']})" if value is None else ""
    )


def _find_serving_failures(run: PipelineRun) -> list[str]:
    blessing = run.find_output(INFRA_BLESSING)
    reason = blessing.properties.get("reason", "")
    return [str(reason)] if reason else []
