"""One run: its folder, its execution, its history and its verdict."""
