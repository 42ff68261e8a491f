"""The model server, as the gateway asks it."""
