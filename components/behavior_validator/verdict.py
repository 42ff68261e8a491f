"""Compares counts with the allowed shares."""

from dataclasses import dataclass

from components.behavior_validator.config import CHECKS
from components.behavior_validator.config import BehaviorValidatorConfig
from components.behavior_validator.personal_data import mask_personal_data
from components.behavior_validator.tally import Tally
from schemas.event_facts import EventFacts

_OF_TIMES = ("future_events", "implausible_times", "inhuman_users")
_OF_REPEATS = ("duplicate_events", "events_in_two_splits")


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check."""

    check: str
    description: str
    count: int
    population: int  # rows that the check looked at
    share: float  # count / population; 0 when there was nothing to check
    threshold: float
    action: str  # warn, stop or off
    ok: bool
    offenders: tuple[str, ...]  # personal data masked


def apply_facts(
    tallies: dict[str, Tally], facts: EventFacts | None
) -> dict[str, Tally]:
    """Leaves out what cannot be told, and adds what only ingest can tell.

    Without times no event is too early, too late or too fast. Where events
    are not told apart by their times, two that look alike are two.

    Args:
        tallies: by check.
        facts: of the examples; None = they are older than that.

    Returns:
        Tallies by check.
    """
    if facts is None:
        return tallies
    untold = ()
    if facts.first is None:
        untold += _OF_TIMES
    if facts.order != "time":
        untold += _OF_REPEATS
    known = {name: one for name, one in tallies.items() if name not in untold}
    if facts.num_of_unknown_users is not None:
        known["unknown_users"] = Tally(
            facts.num_of_unknown_users, facts.num_events
        )
    return known


def judge(
    tallies: dict[str, Tally], config: BehaviorValidatorConfig
) -> list[Verdict]:
    """Judges each check, in the order of `CHECKS`.

    Args:
        tallies: what was counted; a check without an entry found no rows.
        config: thresholds and actions.

    Returns:
        One verdict a check. Checks with action "off" are left out.
    """
    verdicts = []
    for check, description in CHECKS.items():
        rule = getattr(config, check)
        if rule.action == "off":
            continue
        tally = tallies.get(check, Tally())
        share = tally.count / tally.population if tally.population else 0.0
        offenders = tally.offenders[: config.num_shown]
        verdicts.append(
            Verdict(
                check=check,
                description=description,
                count=tally.count,
                population=tally.population,
                share=share,
                threshold=rule.max_share,
                action=rule.action,
                ok=share <= rule.max_share,
                offenders=tuple(map(mask_personal_data, offenders)),
            )
        )
    return verdicts


class BehaviorError(ValueError):
    """The data breaks a check whose action is "stop"."""


def raise_if_stopped(verdicts: list[Verdict]) -> None:
    """Stops the run on a broken check.

    Raises:
        BehaviorError: with check, count, share, threshold and offenders of
            all checks that failed and say "stop".
    """
    stopped = [
        verdict
        for verdict in verdicts
        if not verdict.ok and verdict.action == "stop"
    ]
    if not stopped:
        return
    lines = [
        f"{verdict.check} ({verdict.description}): {verdict.count} of "
        f"{verdict.population}, share {verdict.share:.4g}, allowed "
        f"{verdict.threshold:.4g}, for example {'; '.join(verdict.offenders)}"
        for verdict in stopped
    ]
    raise BehaviorError(
        "behaviour data must pass all checks with action=stop. Received: "
        + " | ".join(lines)
        + ". Mend the data, or raise `max_share` or set action=warn for the "
        "check under `validation` in the config."
    )
