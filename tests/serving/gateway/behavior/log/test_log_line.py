import json

import pytest

from serving.gateway.behavior.log.log_line import build_line
from serving.gateway.behavior.log.log_line import find_line_end
from serving.gateway.behavior.log.log_line import read_record
from serving.gateway.behavior.log.log_line import read_seq

LINE = build_line(7, b'{"a": 1}')


def test_line_is_json_that_holds_its_number_and_the_record():
    assert json.loads(LINE) == {"seq": 7, "a": 1}
    assert LINE.endswith(b"}\n")


def test_number_is_read_back():
    assert read_seq(LINE) == 7


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"\0\0\0\n",
        LINE[:-1],
        LINE[:-2],
        b'{"seq": , "a": 1}\n',
        b'{"seq": -7, "a": 1}\n',
        b'{"a": 1}\n',
    ],
)
def test_what_is_no_line_of_ours_has_no_number(line):
    assert read_seq(line) == 0


@pytest.mark.parametrize("line", [b"{", b"[1]", b"\xff", b""])
def test_what_is_no_object_is_no_record(line):
    assert read_record(line) is None


@pytest.mark.parametrize(
    "torn",
    [
        b"",
        LINE[:1],
        LINE[:-1],
        b"\0" * 4096,
        b"\0\0\n",
        b'{"seq": 8, "a"}\n',
        b'{"seq": 8, "a": "\n"}\n' + LINE[:5],
    ],
)
def test_torn_end_is_found(torn):
    assert find_line_end(LINE * 3 + torn) == 3 * len(LINE)


def test_file_of_nothing_but_a_torn_line_ends_at_its_start():
    assert find_line_end(LINE[:-1]) == 0


def test_bad_line_before_good_ones_is_not_the_end():
    content = LINE + b"rotten\n" + LINE
    assert find_line_end(content) == len(content)
