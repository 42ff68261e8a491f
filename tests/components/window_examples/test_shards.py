"""Records are read as TensorFlow wrote them, without TensorFlow."""

import gzip
import struct
import subprocess
import sys

import pytest

from components.window_examples import shards
from components.window_examples.writer import write_records


def _read(folder):
    return [one for batch in shards.read_records(folder) for one in batch]


def test_shard_is_named_as_tfx_names_them():
    name = shards.shard_name(3, 12)
    assert name == "data_tfrecord-00003-of-00012.gz"


def test_records_come_back_file_by_file_in_batches(tmp_path):
    many = [b"%d" % number for number in range(1500)]
    write_records(str(tmp_path), "eval", "b.gz", [many])
    write_records(str(tmp_path), "eval", "a.gz", [[b"first", b""]])
    folder = shards.split_folder(tmp_path, "eval")
    assert _read(folder) == [b"first", b"", *many]
    assert [len(batch) for batch in shards.read_records(folder)] == [1024, 478]
    assert _read(f"file://{folder}") == _read(folder)


def test_path_may_begin_where_the_process_runs(tmp_path, monkeypatch):
    write_records(str(tmp_path), "eval", "a.gz", [[b"x"]])
    monkeypatch.chdir(tmp_path)
    assert _read("Split-eval") == [b"x"]


def test_split_that_is_not_there_holds_nothing(tmp_path):
    assert _read(tmp_path / "Split-eval") == []


@pytest.mark.parametrize("kept", [4, 20, -1])
def test_record_that_is_cut_off_is_no_record(tmp_path, kept):
    write_records(str(tmp_path), "eval", "a.gz", [[b"x", b"yz"]])
    path = tmp_path / "Split-eval" / "a.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:kept]))
    with pytest.raises(OSError, match=r"a\.gz must hold whole records"):
        _read(path.parent)


@pytest.mark.parametrize("length", [2**31, 2**40, 2**62, 2**64 - 1])
def test_record_that_claims_to_be_huge_is_refused(tmp_path, length):
    frame = struct.pack("<Q4x", length) + b"x"
    (tmp_path / "a.gz").write_bytes(gzip.compress(frame))
    with pytest.raises(OSError, match=rf"a\.gz must hold .* {length:,} bytes"):
        _read(tmp_path)


def test_split_of_shards_without_records_holds_nothing(tmp_path):
    write_records(str(tmp_path), "eval", "a.gz", [])
    assert _read(tmp_path / "Split-eval") == []


def test_empty_file_is_no_shard(tmp_path):
    write_records(str(tmp_path), "eval", "a.gz", [[b"x"]])
    (tmp_path / "Split-eval" / "b.gz").touch()
    with pytest.raises(OSError, match=r"b\.gz must hold .* an empty file"):
        _read(tmp_path / "Split-eval")


@pytest.mark.parametrize("name", ["data_tfrecord-00000-of-00001", None])
def test_folder_without_a_shard_is_refused(tmp_path, name):
    if name is not None:
        (tmp_path / name).write_bytes(b"x")
    received = name or "an empty folder"
    with pytest.raises(FileNotFoundError, match=f"Received: {received}"):
        _read(tmp_path)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-9], lambda b: b[:-8] + b[-4:]]
)
def test_file_that_is_damaged_is_refused(tmp_path, damage):
    # gzip's checksum stands before the last four bytes.
    write_records(str(tmp_path), "eval", "a.gz", [[b"x" * 99]])
    path = tmp_path / "Split-eval" / "a.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(OSError):
        _read(path.parent)


def test_reading_loads_neither_tensorflow_nor_beam(tmp_path):
    write_records(str(tmp_path), "eval", "a.gz", [])
    code = (
        "import sys\n"
        "from components.window_examples.reader import read_windows\n"
        "assert not list(read_windows(sys.argv[1]))\n"
        "loaded = {'tensorflow', 'apache_beam'} & set(sys.modules)\n"
        "sys.exit(', '.join(loaded) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "Split-eval")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
