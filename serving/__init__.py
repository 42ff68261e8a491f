"""Model server and client: load a SavedModel by path, know no trainer."""
