"""One module per kind of column: text as in the file in, typed values out."""
