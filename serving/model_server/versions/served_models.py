"""All models of a server by name, according to the current model config.

Source: tensorflow_serving/model_servers/server_core.cc:438-614 (SERVING
rules Q-03 to Q-07, L-04, L-07, V-10). One difference: a reload stops waiting
for its new models once its caller has disconnected, so that a model that never
loads cannot block every later reload.
"""

import gc
import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path

import grpc

from serving.model_server.find_model import resolve_label
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import failed_precondition
from serving.model_server.settings.model_configs import ModelServerConfig
from serving.model_server.settings.model_configs import check_model_config
from serving.model_server.settings.model_configs import check_platforms
from serving.model_server.settings.model_configs import parse_base_path
from serving.model_server.versions.served_model import ServedModel
from serving.model_server.versions.version_record import State

_logger = logging.getLogger(__name__)

_LOOK_AGAIN_SECONDS = 0.02


class ServedModels(Mapping[str, ServedModel]):
    """Every model ever configured, by name; looking one up takes no lock.

    A model that the config no longer lists stays here without a version: its
    status can still be read.
    """

    def __init__(
        self,
        build_model: Callable[[str, Path], ServedModel],
        allow_labels_for_unavailable: bool = False,
    ):
        """Knows no model yet.

        Args:
            build_model: makes a model from its name and base path.
            allow_labels_for_unavailable: whether a new label may point to a
                version that does not serve yet.
        """
        self._build_model = build_model
        self._allow_unavailable = allow_labels_for_unavailable
        self._models: dict[str, ServedModel] = {}  # replaced, never changed
        self._configured: tuple[ServedModel, ...] = ()
        self._config = ModelServerConfig()
        self._config_lock = threading.Lock()  # one reload after the other
        self._aspire_lock = threading.Lock()  # config against poll
        self.is_poll_due = threading.Event()  # set by each applied config

    def __getitem__(self, name: str) -> ServedModel:
        return self._models[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def list_served(self) -> list[tuple[str, int]]:
        """Lists name and number of each version that answers."""
        return [
            (name, version)
            for name, model in tuple(self.items())
            for version in model.list_available()
        ]

    def resolve_label(self, name: str, label: str) -> int:
        """Returns the version that a label of a model means.

        Raises:
            ServingError: there is no such label.
        """
        return resolve_label(self._models.get(name), label)

    def apply(
        self,
        config: ModelServerConfig,
        is_wanted: Callable[[], bool] | None = None,
    ) -> None:
        """Applies a config; models that it does not list are unloaded.

        Args:
            config: the whole list of models.
            is_wanted: waits until every new model serves, for as long as
                this says True; None does not wait.

        Raises:
            ServingError: the config is wrong, a label means a version that
                does not serve, or a new model did not become available.
        """
        with self._config_lock:
            check_model_config(config, self._config)
            if config.WhichOneof("config") is None:
                _logger.info("Taking no action for empty config.")
                return
            # From here on the new config counts, even if a label fails.
            self._config = config
            labels = self._check_labels(config)
            for name, model in self._models.items():
                model.labels = labels.get(name, {})
            check_platforms(config)
            new_models = self._replace_models(config, labels)
            self.is_poll_due.set()
            if is_wanted is not None:
                self._await_models(new_models, is_wanted)

    def _check_labels(self, config: ModelServerConfig) -> dict[str, dict]:
        labels = {}
        for model in config.model_config_list.config:
            known = self._models.get(model.name)
            for label, version in model.version_labels.items():
                old = known.labels.get(label) if known else None
                is_free = self._allow_unavailable and old in (None, version)
                if not is_free and not (known and known.is_serving(version)):
                    raise failed_precondition(
                        f"Request to assign label to version {version} of "
                        f"model {model.name}, which is not currently "
                        "available for inference"
                    )
            labels[model.name] = dict(model.version_labels)
        return labels

    def _replace_models(
        self, config: ModelServerConfig, labels: dict[str, dict]
    ) -> list[ServedModel]:
        models = dict(self._models)
        configured, new_models = [], []
        for entry in config.model_config_list.config:
            _logger.info("(Re-)adding model: %s", entry.name)
            base_path = parse_base_path(entry.base_path)
            model = models.get(entry.name)
            if model is None:
                model = self._build_model(entry.name, base_path)
                model.labels = labels[entry.name]
                models[entry.name] = model
            if model not in self._configured:
                new_models.append(model)
            model.base_path = base_path
            model.policy = entry.model_version_policy
            configured.append(model)
        with self._aspire_lock:
            for model in self._configured:
                if model not in configured:
                    model.aspire({})
            self._models = models
            self._configured = tuple(configured)
        return new_models

    def _await_models(
        self, models: list[ServedModel], is_wanted: Callable[[], bool]
    ) -> None:
        while not self.are_available(models, "model(s)"):
            if not is_wanted():
                raise ServingError(
                    grpc.StatusCode.CANCELLED,
                    "The caller left before every new model was available",
                )
            time.sleep(_LOOK_AGAIN_SECONDS)

    def are_available(
        self, models: list[ServedModel] | None = None, noun: str = "servable(s)"
    ) -> bool:
        """Tells whether each model has a version that serves.

        Args:
            models: which ones; None means all that are configured.
            noun: what the error calls them.

        Raises:
            ServingError: every wanted version of a model failed for good.
        """
        pending, causes = False, []
        for model in self._configured if models is None else models:
            records = [r for r in model.list_records() if r.is_aspired]
            if any(r.state is State.AVAILABLE for r in records):
                continue
            failed = [r for r in records if r.state is State.END]
            if not failed or len(failed) < len(records):
                pending = True
                continue
            causes += [
                f"{{name: {model.name} version: {r.number}}} due to error: "
                f"{r.error.code.name}: {r.error.message}"
                for r in failed
            ]
        if pending:
            return False
        if causes:
            listed = "".join(f"{{{cause}}}, " for cause in causes)
            raise ServingError(
                grpc.StatusCode.UNKNOWN,
                f"{len(causes)} {noun} did not become available: {{{listed}}}",
            )
        return True

    def poll(self) -> None:
        """Reads every base path.

        One that cannot be listed ends the poll for all models, as in TF
        Serving: nothing is loaded or unloaded for any of them.
        """
        found = []
        for model in self._configured:
            try:
                found.append((model, model.find_versions()))
            except OSError as error:
                _logger.error(
                    "Could not find base path %s for servable %s: %s",
                    model.base_path,
                    model.name,
                    error,
                )
                return
        with self._aspire_lock:
            for model, versions in found:
                if model in self._configured:
                    model.aspire(versions)

    def step(self) -> None:
        """Takes at most one action for each model."""
        for model in self._models.values():
            model.step()

    def close(self) -> None:
        """Unloads everything; calls that still run are waited for."""
        for model in self._models.values():
            model.close()
        gc.collect()  # graphs have reference cycles
