"""TF Serving's REST API."""

from serving.model_server.rest.rest_options import DEFAULT_MONITORING_PATH
from serving.model_server.rest.rest_options import RestOptions
from serving.model_server.rest.rest_server import RestServer

__all__ = ["DEFAULT_MONITORING_PATH", "RestOptions", "RestServer"]
