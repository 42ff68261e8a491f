"""The inputs of training: windows of events and the table of items."""
