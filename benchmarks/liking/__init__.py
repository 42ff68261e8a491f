"""Whether slates hold what people like, and heed what they dislike."""
