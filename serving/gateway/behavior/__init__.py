"""Events and slates: stored, logged, and learnt from."""
