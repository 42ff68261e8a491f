"""The pushed SavedModel and what its signatures run."""
