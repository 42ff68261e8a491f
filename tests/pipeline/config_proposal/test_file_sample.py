import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config_proposal.file_sample import read_sample


def _settings(sample):
    return {one.key: one.value for one in sample.settings}


def test_what_the_suffix_tells_is_not_said_again(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("user_id,item_id\nu,a\nv,\n")
    sample = read_sample(str(path))
    assert _settings(sample) == {}
    assert sample.columns == {"user_id": ["u", "v"], "item_id": ["a", None]}
    assert sample.is_whole


def test_what_it_does_not_tell_is_said(tmp_path):
    path = tmp_path / "e.log"
    path.write_text("1;2\n3;4\n")
    assert _settings(read_sample(str(path))) == {
        "format": "csv",
        "delimiter": ";",
        "header": "none",
    }


def test_gzip_is_known_by_its_content(tmp_path):
    path = tmp_path / "e.jsonl"
    path.write_bytes(gzip.compress(b'{"user_id": "u"}\n{"user_id": "v"}\n'))
    assert read_sample(str(path)).columns == {"user_id": ["u", "v"]}


def test_text_that_is_no_utf_8_is_shown(tmp_path):
    path = tmp_path / "m.csv"
    path.write_bytes("movie_id,title\n1,Amélie\n".encode("latin-1"))
    sample = read_sample(str(path))
    assert sample.columns["title"] == ["Amélie"]
    (encoding,) = sample.settings
    assert encoding.value == "latin-1"
    assert "Amélie" in encoding.why


def test_parquet_is_known_by_its_content(tmp_path):
    path = tmp_path / "e.parquet.brotli"
    pq.write_table(pa.table({"user_id": ["u", "v"]}), path)
    sample = read_sample(str(path))
    assert sample.columns == {"user_id": ["u", "v"]}
    assert _settings(sample) == {"format": "parquet"}


def test_empty_file_is_called_that(tmp_path):
    (tmp_path / "e.csv").write_text("\n")
    with pytest.raises(ValueError, match=r"e\.csv is empty"):
        read_sample(str(tmp_path / "e.csv"))


def test_file_that_is_no_table_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("a sentence\nand another one\n")
    with pytest.raises(ValueError, match=r"notes\.txt"):
        read_sample(str(path))
