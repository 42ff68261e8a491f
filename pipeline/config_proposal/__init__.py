"""Looks at files and proposes the config of a run, without TensorFlow."""
