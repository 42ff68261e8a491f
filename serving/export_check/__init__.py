"""Checks whether an export loads and gives the same answers in the stock image.

The newest stock image is older than the TensorFlow that writes the exports.
Two checks replace a run in the image: `export_problems` compares the graph with
the ops of that version (no other environment needed), and `recorded_answers`
records that version's answers and compares them with ours. `make check-export
MODEL=DIR` runs both.
"""
