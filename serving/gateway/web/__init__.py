"""The web page of the gateway: its files, and the routes that serve them."""
