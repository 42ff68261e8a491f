import json

import pytest

from pipeline.config import load_config
from pipeline.data_check.run_check import check_before_run
from pipeline.data_check.run_check import run_check
from tests.fresh_process import HEAVY
from tests.fresh_process import list_loaded

_CONFIG = """\
name: shop
dataset:
  events:
    path: {folder}/events.csv
    columns: {{user_id: user, item_id: item, timestamp: time}}
    default_event_type: view
  items:
    path: {folder}/items.csv
    columns: {{item_id: item, title: title}}
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "items.csv").write_text("item,title\na,Alpha\nb,Beta\n")
    rows = [f"u{n},{'ab'[n % 2]},{1_600_000_000 + n}" for n in range(20)]
    lines = ["user,item,time", *rows, ""]
    (tmp_path / "events.csv").write_text("\n".join(lines))
    path = tmp_path / "shop.yaml"
    path.write_text(_CONFIG.format(folder=tmp_path))
    return path


def test_data_that_a_run_would_take_pass(path):
    lines = []
    assert run_check(str(path), 1000, False, lines.append)
    assert lines[-1].startswith("A run would go on")


def test_data_that_stop_a_run_do_not_pass(path):
    (path.parent / "events.csv").unlink()
    lines = []
    assert not run_check(str(path), 1000, True, lines.append)
    assert json.loads("\n".join(lines))["ok"] is False


def test_config_that_cannot_be_read_is_json_too(path):
    path.write_text("name: shop\n")
    lines = []
    assert not run_check(str(path), 1000, True, lines.append)
    (finding,) = json.loads("\n".join(lines))["findings"]
    assert "`dataset` must be set" in finding["text"]


def test_run_begins_with_what_its_data_lack(path):
    lines = []
    check_before_run(load_config(path), lines.append)
    assert any("no event counts as a like" in line for line in lines)
    (path.parent / "items.csv").write_text("sku,title\n")
    with pytest.raises(ValueError, match=r"'item'.*items\.csv"):
        check_before_run(load_config(path), lines.append)


def test_neither_check_nor_a_run_that_must_stop_load_what_takes_seconds(path):
    (path.parent / "events.csv").write_text("who,what\n")
    loaded = list_loaded(
        "from pipeline.commands.cli import main\n"
        f"assert main(['check', {str(path)!r}]) == 1\n"
        f"assert main(['run', {str(path)!r}]) == 1"
    )
    assert not HEAVY & loaded
