"""Optimizer, last epochs and what TensorBoard sees."""
