import json

import pytest

from components.behavior_example_gen.reading import json_arrays


def _split(text: str, block: int | None = None):
    content = text.encode()
    block = block or len(content)
    blocks = [content[n : n + block] for n in range(0, len(content), block)]
    found = []
    bad = []
    for elements, numbers, broken in json_arrays.split(iter(blocks)):
        values = (json.loads(element) for element in elements)
        found += list(zip(numbers, values, strict=True))
        bad += [(one.line, one.reason, one.row) for one in broken]
    return found, bad


@pytest.mark.parametrize("block", [None, 1, 3, 20])
def test_elements_keep_the_line_at_which_they_begin(block):
    text = '[\n  {"a": "x[é",\n   "b": {"c": [1]}},\n\n {"a": 2}, 3, 45]\n'
    found, bad = _split(text, block)
    assert found == [
        (2, {"a": "x[é", "b": {"c": [1]}}),
        (5, {"a": 2}),
        (5, 3),
        (5, 45),
    ]
    assert bad == []


def test_broken_object_is_one_reject_and_the_next_is_read():
    found, bad = _split('[{"a": 1},\n{"a": oops},\n{"a": 3}]')
    assert found == [(1, {"a": 1}), (3, {"a": 3})]
    assert bad == [(2, "not JSON", '{"a": oops}')]


@pytest.mark.parametrize("block", [None, 5])
def test_torn_array_loses_its_last_object_only(block):
    found, bad = _split('[{"a": 1},\n{"a": ', block)
    assert found == [(1, {"a": 1})]
    assert bad == [(2, "not JSON", '{"a": ')]


def test_broken_object_does_not_make_the_rest_wait(monkeypatch):
    monkeypatch.setattr(json_arrays, "_MAX_ELEMENT", 50)
    text = '[{"a": oops},' + '{"a": 1},\n' * 100 + "1]"
    blocks = iter([text[:200].encode(), text[200:].encode()])
    elements, _, bad = next(json_arrays.split(blocks))
    assert [one.row for one in bad] == ['{"a": oops}']
    assert len(elements) > 10


def test_array_is_told_by_its_first_character():
    assert json_arrays.is_array(b' \n [{"a": 1}]')
    assert not json_arrays.is_array(b'{"a": [1]}')
