"""The pruned vocabulary: what stays, and the SentencePiece model of it."""

import numpy as np
import pytest
import sentencepiece

from trainer.backbone.multilingual.vocabulary import build_proto
from trainer.backbone.multilingual.vocabulary import choose_pieces

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
WORDS = ["▁", "a", "l", "i", "e", "n", "▁alien", "7", "太", "空", "太空", "ж"]
PIECES = [*SPECIAL, *WORDS, "<mask>"]
SCORES = np.array([0.0] * 4 + [-float(i) for i in range(12)] + [0.0])


def _choose(*args, **kwargs):
    chosen = choose_pieces(PIECES, SCORES, *args, **kwargs)
    return [PIECES[one] for one in chosen]


def test_pieces_of_other_scripts_go():
    assert _choose(["cjk"]) == [
        *SPECIAL,
        "▁",
        "7",
        "太",
        "空",
        "太空",
        "<mask>",
    ]


def test_pieces_of_a_text_stay_whatever_their_script():
    assert "ж" not in _choose(["cjk"])
    assert "ж" in _choose(["cjk"], texts=["ж"])


def test_texts_stay_in_lower_case_too():
    assert "▁alien" in _choose(["cjk"], texts=["ALIEN"])


def test_listed_words_stay():
    assert "▁alien" in _choose(["cjk"], words=["▁alien"])


def test_unknown_script_is_refused():
    with pytest.raises(ValueError, match=r"Received: \['klingon'\]"):
        _choose(["cjk", "klingon"])


def test_model_cuts_into_the_likeliest_pieces():
    model = sentencepiece.SentencePieceProcessor(
        model_proto=build_proto(PIECES, SCORES)
    )
    # "太空" at -10 beats "太" and "空" at -8 - 9.
    assert model.encode("alien 太空", out_type=str) == ["▁alien", "▁", "太空"]


def test_model_normalises_as_the_pretrained_one():
    model = sentencepiece.SentencePieceProcessor(
        model_proto=build_proto(PIECES, SCORES)
    )
    # NFKC: full-width letters and digits are the usual ones.
    assert model.encode("ａｌｉｅｎ７", out_type=str) == ["▁alien", "7"]


def test_ids_are_those_that_kerashub_shifts_by_one():
    model = sentencepiece.SentencePieceProcessor(
        model_proto=build_proto(PIECES, SCORES)
    )
    assert model.piece_to_id("▁") + 1 == PIECES.index("▁")
    assert model.piece_to_id("ж") + 1 == PIECES.index("ж")
    assert (model.unk_id(), model.bos_id(), model.eos_id()) == (0, 1, 2)
