"""The in-graph index beside brute force, hnswlib and faiss."""
