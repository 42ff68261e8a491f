"""A port is a number that TCP has."""

import argparse

import pytest

from serving.parse_port import parse_port


def test_ports_of_tcp_are_read():
    assert [parse_port(one) for one in ("0", "8080", "65535")] == [
        0,
        8080,
        65535,
    ]


@pytest.mark.parametrize("text", ["99999", "65536", "-1", "http", "", "8.0"])
def test_other_ports_are_refused_with_what_was_given(text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"Received: {text}"):
        parse_port(text)
