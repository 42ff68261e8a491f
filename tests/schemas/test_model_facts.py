"""What a version says of its dataset comes back as it was written."""

import pytest

from schemas.model_facts import ModelFacts
from schemas.model_facts import read_model_facts
from schemas.model_facts import write_model_facts

_DAMAGED = (
    *("", "[]", "{}", '{"repeats": "no"}'),
    '{"repeats": true, "category_words": {"Children": "kids"}}',
)


@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("words", [{}, {"Children": ["kids", "儿童"]}])
def test_facts_come_back(tmp_path, repeats, words):
    facts = ModelFacts(repeats=repeats, category_words=words)
    write_model_facts(facts, tmp_path)
    assert read_model_facts(tmp_path) == facts


def test_version_without_facts_excludes_what_was_met(tmp_path):
    assert not read_model_facts(tmp_path).repeats


@pytest.mark.parametrize("text", _DAMAGED)
def test_file_that_says_something_else_is_refused(tmp_path, text):
    write_model_facts(ModelFacts(repeats=False), tmp_path)
    (tmp_path / "assets.extra" / "dataset.json").write_text(text)
    with pytest.raises(ValueError, match="true or false"):
        read_model_facts(tmp_path)
