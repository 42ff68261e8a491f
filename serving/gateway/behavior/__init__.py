"""What people did and were shown: stored, logged, and learnt from."""
