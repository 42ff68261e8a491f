"""The HTTP API: application, routes, messages and the port."""
