from serving.model_server.rpc.service_descriptors import MODEL_SERVICE
from serving.model_server.rpc.service_descriptors import PREDICTION_SERVICE
from serving.model_server.rpc.service_descriptors import build_service_pool
from serving.protos import model_service_pb2_grpc
from serving.protos import prediction_service_pb2_grpc


def _describe(name: str) -> dict[str, tuple[str, str]]:
    service = build_service_pool().FindServiceByName(name)
    return {
        method.name: (method.input_type.name, method.output_type.name)
        for method in service.methods
    }


def test_services_hold_the_methods_of_the_stubs():
    for name, servicer in (
        (
            PREDICTION_SERVICE,
            prediction_service_pb2_grpc.PredictionServiceServicer,
        ),
        (MODEL_SERVICE, model_service_pb2_grpc.ModelServiceServicer),
    ):
        methods = {m for m in vars(servicer) if not m.startswith("_")}
        assert set(_describe(name)) == methods
