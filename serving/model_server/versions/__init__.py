"""The versions of a model: wanted, loading, serving, unloading."""
