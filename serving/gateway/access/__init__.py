"""Access to the gateway: keys, limits, logs and response headers."""
