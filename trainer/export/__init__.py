"""The pushed SavedModel and the code of its signatures."""
