"""The map keeps what two dimensions can keep."""

import numpy as np
import pytest

from pipeline.report.diagnostics.embedding_map import OTHER
from pipeline.report.diagnostics.embedding_map import compute_embedding_map
from pipeline.report.diagnostics.embedding_map import compute_neighbor_agreement


def _measure_distances(points):
    return np.linalg.norm(points[:, np.newaxis] - points, axis=-1)


def test_points_of_a_plane_keep_their_distances():
    chooser = np.random.default_rng(1)
    plane = np.linalg.qr(chooser.normal(size=(8, 2)))[0].T
    vectors = (chooser.normal(size=(20, 2)) @ plane + 3.0).astype(np.float32)
    found = compute_embedding_map(vectors, [["a"]] * 20)
    assert found.explained == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(
        _measure_distances(found.places), _measure_distances(vectors), atol=1e-4
    )


def test_first_axis_is_the_widest():
    vectors = np.array([[9, 1, 0], [-9, 1, 0], [0, 2, 0.1], [0, 0, -0.1]])
    places = compute_embedding_map(vectors, [["a"]] * 4).places
    assert np.ptp(places[:, 0]) == pytest.approx(18)
    assert np.ptp(places[:, 1]) == pytest.approx(2, abs=0.05)


def test_rare_categories_share_a_colour():
    categories = [[f"c{n // 2}"] for n in range(16)] + [["rare"], []]
    vectors = np.random.default_rng(1).normal(size=(18, 3))
    found = compute_embedding_map(vectors, categories)
    assert found.legend == [f"c{n}" for n in range(7)] + [OTHER]
    assert found.labels[:2] == ["c0", "c0"]
    assert found.labels[14:] == [OTHER] * 4  # c7, rare, none


def test_neighbors_are_compared_by_label():
    # Two pairs back to back: each item's nearest other is its like.
    vectors = np.array([[1, 0.1], [1, -0.1], [-1, 0.1], [-1, -0.1]])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    alike = compute_neighbor_agreement(vectors, ["a", "a", "b", "b"], 1)
    # At random, 1 of the 3 others is alike.
    assert alike == {
        "a": (2, 1.0, pytest.approx(1 / 3)),
        "b": (2, 1.0, pytest.approx(1 / 3)),
    }
    unlike = compute_neighbor_agreement(vectors, ["a", "b", "a", "b"], 1)
    assert unlike["a"][1] == 0


def test_more_neighbors_than_items_are_no_error():
    agreement = compute_neighbor_agreement(np.eye(3), ["a", "a", "b"], 10)
    assert agreement["a"][1] == 0.5
