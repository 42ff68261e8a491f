"""The gateway's client of the model server."""
