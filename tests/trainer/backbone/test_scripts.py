from trainer.backbone.scripts import count_scripts
from trainer.backbone.scripts import find_known_scripts
from trainer.backbone.scripts import find_scripts
from trainer.backbone.scripts import strip_mark


def test_scripts_are_named_by_their_letters():
    assert find_scripts("太空 ok, 2001") == {"cjk", "latin"}
    assert find_scripts("2001!") == set()


def test_letters_are_counted_over_all_texts():
    assert count_scripts(["太空", "ok 太", "2001!"]) == {"cjk": 3, "latin": 2}


def test_some_letters_of_a_script_do_not_make_it_known():
    # One Chinese letter among 100 words: 1%, less than one in twenty.
    words = [f"word{chr(97 + place % 26)}" for place in range(99)]
    assert find_known_scripts([*words, "太"]) == {"latin"}


def test_marks_of_tokens_are_no_letters_of_theirs():
    assert [strip_mark(one) for one in ("##ing", "▁the", "a")] == [
        "ing",
        "the",
        "a",
    ]
