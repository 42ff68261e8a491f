"""The web page of the gateway: what it is made of, and what serves it."""
