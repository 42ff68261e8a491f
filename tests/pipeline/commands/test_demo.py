"""What the demo asks for is there."""

from pathlib import Path

from pipeline.commands import demo
from pipeline.commands.demo_data import export_movielens_small
from pipeline.commands.title_lookup import TitleLookup
from pipeline.config import load_config


def test_demo_reads_the_files_that_its_config_names(
    tmp_path, monkeypatch, repository
):
    config = load_config(repository / demo.CONFIG_PATH)
    monkeypatch.chdir(tmp_path)
    export_movielens_small(str(demo.DATA_PATH))
    with Path(config.dataset.events.path).open() as file:
        header = file.readline().strip().split(",")
    assert set(config.dataset.events.columns.values()) <= set(header)
    with Path(config.dataset.items.path).open() as file:
        header = file.readline().strip().split(",")
    assert set(config.dataset.items.columns.values()) <= set(header)


def test_typed_title_of_the_demo_finds_one_film():
    titles = TitleLookup(
        {"1": "Toy Story (1995)", "2": "Toy Story 2 (1999)", "3": "Toys (1992)"}
    )
    assert titles.find_item_id(demo.TITLE) == "1"
