"""Answers every Predict with the same message: the cost of gRPC itself.

    python -m benchmarks.serving.echo PORT FILE

FILE holds a serialised PredictResponse. The server is built like ours: the
stubs' own (de)serialisation, a thread for each call, the same options.
"""

import os
import sys
from concurrent import futures
from pathlib import Path

import grpc

from serving.protos import predict_pb2
from serving.protos import prediction_service_pb2_grpc


class Echo(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Answers with the given message."""

    def __init__(self, answer: predict_pb2.PredictResponse):
        self._answer = answer

    def Predict(self, request, context):  # noqa: N802 (gRPC's name)
        """Answers."""
        return self._answer


def serve(
    port: int, answer: predict_pb2.PredictResponse
) -> tuple[grpc.Server, int]:
    """Starts the server on loopback; returns it and its port."""
    threads = futures.ThreadPoolExecutor(4 * (os.cpu_count() or 1))
    server = grpc.server(threads, options=[("grpc.so_reuseport", 0)])
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        Echo(answer), server
    )
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, port


if __name__ == "__main__":
    _answer = predict_pb2.PredictResponse.FromString(
        Path(sys.argv[2]).read_bytes()
    )
    _server, _ = serve(int(sys.argv[1]), _answer)
    _server.wait_for_termination()
