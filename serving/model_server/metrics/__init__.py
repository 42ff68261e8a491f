"""What Prometheus reads of the server."""
