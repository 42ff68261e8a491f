from components.behavior_example_gen.reading import json_lines


def _parse(text: str | bytes, columns=("a",)):
    if isinstance(text, str):
        text = text.encode()
    lines = text.split(b"\n")
    numbers = range(1, len(lines) + 1)
    batch = json_lines.parse(lines, numbers, list(columns))
    cells = {name: batch.columns[name].to_pylist() for name in columns}
    bad = [(line.line, line.reason) for line in batch.bad_lines]
    return cells, batch.lines.tolist(), bad


def test_zero_and_false_are_values():
    cells, _, _ = _parse('{"a": 0}\n{"a": null}\n{}')
    assert cells["a"] == [0, None, None]


def test_text_that_looks_like_a_date_stays_text():
    cells, _, _ = _parse('{"a": "2020-01-01"}')
    assert cells["a"] == ["2020-01-01"]


def test_mixed_types_are_read_as_text():
    cells, _, bad = _parse('{"a": "x"}\n{"a": 7}\n{"a": 0.5}')
    assert cells["a"] == ["x", "7", "0.5"]
    assert bad == []


def test_whole_and_broken_numbers_are_numbers():
    lines = '{"a": 1}\n' * 2000 + '{"a": 4.5}'
    cells, _, _ = _parse(lines)
    assert cells["a"][-1] == 4.5


def test_bad_lines_stand_beside_good_ones():
    text = b'{"a": "x"}\n\n{"a": \n[1]\n{"a": "\xff"}\n{"a": "y"}'
    cells, lines, bad = _parse(text)
    assert cells["a"] == ["x", "y"]
    assert lines == [1, 6]
    assert bad == [
        (3, "not JSON"),
        (4, "not a JSON object"),
        (5, "not UTF-8"),
    ]


def test_lone_surrogate_is_rejected():
    _, _, bad = _parse('{"a": "\\ud800"}\n{"a": 1}')
    assert bad == [(1, "not UTF-8")]


def test_lists_stay_lists():
    cells, _, _ = _parse('{"a": ["x", "y"]}\n{"a": "z"}\n{"a": []}')
    assert cells["a"] == [["x", "y"], ["z"], []]


def test_column_names_are_those_of_all_first_lines():
    found = json_lines.column_names([b'{"a": 1}', b'{"b": 2}'], ["a"])
    assert found == ["a", "b"]


def test_large_ids_keep_their_digits_beside_late_fractions():
    # 2**53 + 1 is the first whole number that a float cannot hold.
    lines = '{"a": 9007199254740993, "b": 1}\n' * 2000
    lines += '{"a": 9007199254740993, "b": 0.5}'
    cells, _, bad = _parse(lines, ("a", "b"))
    assert {int(cell) for cell in cells["a"]} == {9007199254740993}
    assert float(cells["b"][-1]) == 0.5
    assert bad == []


def test_whole_float_is_the_same_id_beside_a_torn_line():
    # pandas writes 7.0 where another line lacks the id.
    cells, _, _ = _parse('{"a": 7.0}\n{"a": null}\n{"a": ')
    assert cells["a"] == ["7", None]


def test_large_ids_keep_their_digits_beside_an_early_float():
    lines = '{"a": 9007199254740993}\n{"a": 7.0}\n{"a": 9007199254740992}'
    cells, _, _ = _parse(lines)
    assert cells["a"] == ["9007199254740993", "7", "9007199254740992"]


def test_few_lists_beside_texts_are_seen_as_such():
    cells, _, _ = _parse('{"a": "x"}\n{"a": ["y", 1]}\n{"a": {"b": 2}}')
    assert cells["a"] == ["x", '["y", 1]', '{"b": 2}']


def test_lines_of_python_literals_are_read():
    # Amazon's metadata of 2014.
    text = """{'a': "It's", 'n': [['A', 'B'], ['C']], 'x': None}"""
    cells, lines, bad = _parse(text, ("a", "n", "x"))
    assert cells == {"a": ["It's"], "n": [["A", "B", "C"]], "x": [None]}
    assert (lines, bad) == ([1], [])


def test_code_is_no_literal():
    assert _parse("{'a': open('x')}\n{'a': {1, 2}}")[2] == [
        (1, "not JSON"),
        (2, "not JSON"),
    ]


def test_blank_lines_are_no_rows_and_count_as_lines():
    assert _parse('{"a": 1}\n\n \n{"a": 2}')[1] == [1, 4]


def test_column_names_of_literals_are_found():
    assert json_lines.column_names([b"{'a': 'x'}"], ["a"]) == ["a"]
