"""The command `tastemaker`: what is typed, asked and printed."""
