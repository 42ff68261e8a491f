"""How a run on any dataset compares with peers on the same queries."""
