"""Quality of recommendations, compared with peers."""
