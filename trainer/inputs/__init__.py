"""What training reads: windows of events and the table of items."""
