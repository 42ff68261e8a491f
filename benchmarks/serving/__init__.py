"""The model server beside the bare SavedModel call and bare gRPC."""
