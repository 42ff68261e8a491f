"""A TensorFlow-Serving-compatible gRPC server."""
