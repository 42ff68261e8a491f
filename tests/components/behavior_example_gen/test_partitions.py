import os
import subprocess
import sys

import pyarrow as pa

from components.behavior_example_gen import partitions


def _table():
    users = [f"u{n % 7}" for n in range(100)]
    return pa.table({"user_id": users, "n": list(range(100))})


def test_each_user_is_in_one_partition_and_no_row_is_lost():
    seen = {}
    rows = []
    for number, packed in partitions.split_by_hash(_table(), "user_id", 3):
        part = partitions.from_bytes([packed])
        for user in set(part["user_id"].to_pylist()):
            assert seen.setdefault(user, number) == number
        rows += part["n"].to_pylist()
    assert sorted(rows) == list(range(100))


def test_hash_is_the_same_in_every_process():
    program = (
        "import pyarrow as pa;"
        "from components.behavior_example_gen import partitions;"
        "print(partitions.hash_text(pa.array(['7', 'u', '7'])).tolist())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    found = partitions.hash_text(pa.array(["7", "u", "7"])).tolist()
    assert answers == {f"{found}\n".encode()}
    assert found[0] == found[2] != found[1]


def test_hash_of_a_text_does_not_depend_on_its_neighbours():
    alone = partitions.hash_text(pa.array(["u"]))
    chunked = pa.chunked_array([["7", "é"], ["u"]])
    assert partitions.hash_text(chunked)[2] == alone[0]


def test_table_survives_packing():
    table = _table()
    packed = [partitions.to_bytes(table.slice(0, 40))]
    packed.append(partitions.to_bytes(table.slice(40)))
    assert partitions.from_bytes(packed).equals(table)
    assert partitions.from_bytes([]) is None


def test_empty_table_makes_no_partition():
    empty = _table().slice(0, 0)
    assert list(partitions.split_by_hash(empty, "user_id", 3)) == []


def test_partitions_grow_with_the_input():
    mebibyte = 1 << 20
    assert partitions.count_partitions(0) == 1
    assert partitions.count_partitions(16 * mebibyte) == 1
    assert partitions.count_partitions(16 * mebibyte + 1) == 2
    assert partitions.count_partitions(10**15) == 4096
