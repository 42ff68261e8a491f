"""The in-graph index, compared with brute force, hnswlib and faiss."""
