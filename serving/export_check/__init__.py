"""Tells whether an export loads and answers alike in the stock image.

The newest stock image is older than the TensorFlow that writes the exports.
Two checks stand in for it: `export_problems` holds the graph against the ops
of its version (no other environment needed), and `recorded_answers` lets that
version answer, for ours to compare. `make check-export MODEL=DIR` runs both.
"""
