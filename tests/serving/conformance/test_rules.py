"""Every rule that must hold has a test that names it."""

import re
from pathlib import Path

from tests.serving.conformance.rules import DEPARTURES
from tests.serving.conformance.rules import MUST
from tests.serving.conformance.rules import NOT_IMPLEMENTED
from tests.serving.conformance.rules import SHOULD

_TESTS = Path(__file__).resolve().parent.parent
_NAME = re.compile(r"^\s*(?:async )?def (test_\w+)", re.M)
_RULE = re.compile(r"(?<=_)([b-dfghlo-sv-w])(\d\d)(?=_|$)")


def _find_named_rules(*, on_the_wire: bool | None = None) -> set[str]:
    """Rules that tests name: of all, of this folder, or of all others."""
    files = [
        file
        for file in _TESTS.rglob("test_*.py")
        if on_the_wire in (None, file.parent == Path(__file__).parent)
    ]
    return {
        f"{group.upper()}-{number}"
        for file in files
        for name in _NAME.findall(file.read_text())
        for group, number in _RULE.findall(name)
    }


def test_every_rule_that_must_hold_is_named_by_a_test():
    missing = MUST - _find_named_rules() - NOT_IMPLEMENTED.keys()
    assert missing == set()


def test_every_rule_that_should_hold_is_named_or_listed_as_not_done():
    missing = SHOULD - _find_named_rules() - NOT_IMPLEMENTED.keys()
    assert missing == set()


def test_rule_that_is_listed_as_not_done_has_no_test():
    assert NOT_IMPLEMENTED.keys() & _find_named_rules() == set()


def test_rule_that_is_asked_over_the_wire_is_not_asked_again_below():
    below = _find_named_rules(on_the_wire=False)
    assert _find_named_rules(on_the_wire=True) & below == set()


def test_every_rule_is_of_one_level():
    assert set() == MUST & SHOULD
    assert NOT_IMPLEMENTED.keys() | DEPARTURES.keys() <= MUST | SHOULD | {
        "Q-10"  # not to be emulated, only refused
    }
