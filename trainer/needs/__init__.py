"""The search by words: what a need and the catalogue have in common."""
