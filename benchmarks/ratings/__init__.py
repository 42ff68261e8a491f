"""Quality of predicted ratings, compared with peers."""
