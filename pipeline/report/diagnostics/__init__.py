"""Diagnostics of a run, beyond its metrics. Loads TensorFlow."""

from pipeline.report.diagnostics.evidence import Evidence
from pipeline.report.diagnostics.evidence import MissingEvidenceError
from pipeline.report.diagnostics.item_sections import render_embedding_map
from pipeline.report.diagnostics.item_sections import render_nearest_items
from pipeline.report.diagnostics.learning_curves import render_learning_curves
from pipeline.report.diagnostics.query_sections import render_calibration
from pipeline.report.diagnostics.query_sections import render_peers
from pipeline.report.diagnostics.query_sections import render_popularity_bias

__all__ = [
    "Evidence",
    "MissingEvidenceError",
    "render_calibration",
    "render_embedding_map",
    "render_learning_curves",
    "render_nearest_items",
    "render_peers",
    "render_popularity_bias",
]
