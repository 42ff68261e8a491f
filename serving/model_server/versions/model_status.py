"""The status of a model's versions.

Source: tensorflow_serving/model_servers/get_model_status_impl.cc (SERVING
rules S-01 to S-05).
"""

from collections.abc import Mapping

from serving.model_server.find_model import require_model_spec
from serving.model_server.serving_error import not_found
from serving.model_server.serving_error import truncate_message
from serving.model_server.versions.served_model import ServedModel
from serving.model_server.versions.served_model import State
from serving.protos import get_model_status_pb2


def get_model_status(
    models: Mapping[str, ServedModel],
    request: get_model_status_pb2.GetModelStatusRequest,
) -> get_model_status_pb2.GetModelStatusResponse:
    """Tells the state of one version, or of all, highest first.

    A label is ignored, as TF Serving ignores it.

    Raises:
        ServingError: no name of a model, or nothing known of what it names.
    """
    require_model_spec(request)
    spec = request.model_spec
    model = models.get(spec.name)
    records = model.list_records() if model else []
    if spec.HasField("version"):
        wanted = spec.version.value
        records = [r for r in records if r.number == wanted]
        if not records:
            raise not_found(
                f"Could not find version {wanted} of model {spec.name}"
            )
    if not records:
        raise not_found(f"Could not find any versions of model {spec.name}")
    response = get_model_status_pb2.GetModelStatusResponse()
    for record in records:
        entry = response.model_version_status.add(
            version=record.number, state=int(record.state)
        )
        entry.status.error_code = 0
        if record.error is not None and record.state is State.END:
            entry.status.error_code = record.error.code_number
            entry.status.error_message = truncate_message(record.error.message)
    return response
