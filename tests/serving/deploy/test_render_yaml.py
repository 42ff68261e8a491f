import yaml

from serving.deploy.render_yaml import render_yaml


def test_documents_are_read_back_as_they_were():
    documents = [{"b": [1, "yes"], "a": None}, {"x": "1"}]
    assert list(yaml.safe_load_all(render_yaml(documents))) == documents


def test_keys_keep_their_order():
    text = render_yaml([{"b": 1, "a": 2}])
    assert text.index("b:") < text.index("a:")


def test_file_in_a_value_is_written_line_by_line():
    text = render_yaml([{"file": "one: 1\ntwo: 2\n"}])
    assert text == "file: |\n  one: 1\n  two: 2\n"


def test_what_occurs_twice_is_written_twice():
    labels = {"name": "gateway"}
    text = render_yaml([{"a": labels, "b": labels}])
    assert text.count("name: gateway") == 2
