"""Files of multilingual-e5-small: read what was packed."""

import struct

import numpy as np
import pytest

from trainer.backbone.multilingual.e5_file import E5File


def _pack(pieces, tensors):
    blob = b"".join(piece.encode() for piece in pieces)
    ends = np.cumsum([0, *(len(piece.encode()) for piece in pieces)])
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7ifi", 32, 1, 2, 64, len(pieces), 8, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, len(blob))
    head += ends.astype("<u4").tobytes()
    head += np.arange(len(pieces), dtype="<f4").tobytes() + blob
    # One character is normalised: its code, how many follow, the code.
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 65, 1, 97)
    entries = sum(2 + len(name) + 21 for name in tensors)
    at = len(head) + 4 + entries
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, (kind, count, data) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, at + len(body), 0)
        body += data
    return head + directory + body


@pytest.fixture
def path(tmp_path):
    # 0x9F: 15 in the low half, 9 in the high one, each minus 8.
    block = np.float16(0.5).tobytes() + bytes([0x9F] * 16)
    tensors = {
        "matrix": (1, 64, block + np.float16(2).tobytes() + bytes(16)),
        "vector": (0, 3, np.array([1, 2, 3], "<f4").tobytes()),
    }
    path = tmp_path / "e5.bin"
    path.write_bytes(_pack(["<s>", "▁太空", "x"], tensors))
    return str(path)


def test_pieces_and_sizes_are_read(path):
    file = E5File(path)
    assert file.pieces == ["<s>", "▁太空", "x"]
    np.testing.assert_array_equal(file.scores, [0.0, 1.0, 2.0])
    assert (file.hidden_dim, file.num_heads, file.max_positions) == (32, 2, 8)


def test_low_halves_come_before_high_ones_and_are_scaled(path):
    rows = E5File(path).read_rows("matrix", 32)
    # 7 halves and 1 half; then -8 times 2.
    np.testing.assert_array_equal(rows, [[3.5] * 16 + [0.5] * 16, [-16.0] * 32])


def test_only_asked_rows_are_read(path):
    rows = E5File(path).read_rows("matrix", 32, [1])
    np.testing.assert_array_equal(rows, [[-16.0] * 32])


def test_vectors_are_read_as_they_are(path):
    file = E5File(path)
    np.testing.assert_array_equal(file.read("vector"), [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(file.read_rows("vector", 3), [[1, 2, 3]])


def test_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "other.bin"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match="b'GGUF'"):
        E5File(str(path))
