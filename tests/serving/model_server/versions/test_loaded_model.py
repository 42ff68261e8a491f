import numpy as np
import pytest

from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel


def test_damaged_graph_does_not_load(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"\x00garbage\xff" * 9)
    with pytest.raises(ServingError, match=r"saved_model\.pb"):
        LoadedModel(tmp_path)


def test_unknown_tag_does_not_load(recommender_model):
    with pytest.raises(ServingError, match="nothing"):
        LoadedModel(recommender_model, ["nothing"])


def test_two_models_do_not_share_their_tables(recommender_model):
    first, second = (LoadedModel(recommender_model) for _ in range(2))
    first.close()
    signature = second.signatures["encode_items"]
    feeds = {
        info.name: np.full(
            [1] * len(info.tensor_shape.dim), b"abc", dtype=object
        )
        for info in signature.inputs.values()
    }
    output = signature.outputs["item_embedding"].name
    assert second.run(feeds, [output])[0].tolist() == [[3.0] * 4]
    second.close()
