import pytest
from pydantic import ValidationError

from trainer.config import NeedConfig


def test_words_stand_for_one_category_each():
    said = {"Children": ("kids", "Family"), "Horror": ("scary",)}
    assert NeedConfig(category_words=said).category_words == said
    for wrong in (
        {"Children": ("kids",), "Comedy": ("Kids",)},
        {"Children": (" ",)},
        {"Children": ("-",)},
        {"Sci-Fi": ("sci fi",), "Fantasy": ("Sci-Fi",)},
        {"Children": ("films for kids and teens",)},
    ):
        with pytest.raises(ValidationError, match="for one category"):
            NeedConfig(category_words=wrong)
