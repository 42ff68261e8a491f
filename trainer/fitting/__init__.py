"""Optimizer, last epochs and TensorBoard's log."""
