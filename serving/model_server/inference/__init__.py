"""Predict, Classify, Regress and MultiInference on a loaded model."""
