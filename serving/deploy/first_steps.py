"""The README.md of a deployment: what to do before the first start."""

from serving.deploy.gateway_settings import KEYS_FILE
from serving.deploy.gateway_settings import REDIS_PASSWORD_KEY
from serving.deploy.gateway_settings import STATE_FOLDER
from serving.deploy.values import DeployValues
from serving.gateway.gateway_config import REDIS_PASSWORD_VARIABLE

_MODELS = """
Models lie in `{folder}/{model}/<version>/`, in a cluster on the volume claim
`{claim}`. The model server opens its ports once it has loaded one.

Put `model-server/models/models.config` into `pusher.server_configs` of the
pipeline's settings: the Pusher deletes old versions, but none that a file
named there pins.
"""

_KEYS = """
## Keys

Each caller of the gateway needs an API key. Create one for each caller, with
its roles (`read`, `write`, `admin`).

    mkdir -p {folder}
    docker run --rm --entrypoint python {image} \\
      -m serving.gateway.access.generate_key shop read write \\
      >> {folder}/{file}

The key appears once, on the terminal; the file keeps a hash of it. A line that
is added or removed takes effect without a restart. Without the folder compose
refuses to start the gateway; without the file it ends at once, says so in its
log, and is started again until the file is there.
"""

_REDIS = """
If Redis needs a password, compose takes it from the environment variable
`{variable}`, a cluster from the key `{key}` of the Secret below: add
`--from-literal={key}=...` to its command.
"""

_COMPOSE = """
## One machine

    docker compose up -d
"""

_CLUSTER = """
## A cluster

    kubectl apply -f kubernetes/00-namespace.yaml
"""

_SECRET = """\
    kubectl -n {namespace} create secret generic {secret} \\
      --from-file={file}={folder}/{file} \\
      --dry-run=client -o yaml | kubectl apply -f -
"""

_APPLY = """\
    kubectl apply -f kubernetes/

Add `cluster/prometheus-scrape.yml`, `prometheus/rules.yml` and
`cluster/prometheus-adapter.yml` to the cluster's Prometheus.
"""

_GATEWAY = """
Without the Secret the gateway's pods stay in `ContainerCreating`, and
`kubectl describe pod` names it. After a change of the file run the second
command again: the keys take effect within two minutes, when the node has
updated the mounted file.

Each gateway closes a span of its log at midnight UTC, which the pipeline's
next run reads; `gateway: {{config: {{storage: {{span_hours: ...}}}}}}` says how
often, `null` = your own timer does it. `POST /v1/spans` with an `admin` key
closes one at once; each counts towards `window_spans`. The alert
`GatewayLogUnsealed` reports a log that keeps growing.

Each gateway stores its log and state in `{state}`, in a cluster on the claim
`state-gateway-<number>`, which stays when the gateway is removed.
"""

_ALONE = """\
An update stops a single gateway for some seconds. Several, which are
replaced one by one, must share a Redis: see `gateway.redis`.
"""


def render_first_steps(values: DeployValues) -> str:
    """Writes the README.md of a rendered folder, without its first line."""
    gateway, model = values.gateway, values.model
    names = {
        "file": KEYS_FILE,
        "folder": gateway.keys_host_folder.removeprefix("./"),
        "secret": gateway.keys_secret,
        "namespace": values.namespace,
        "image": values.images.gateway,
        "variable": REDIS_PASSWORD_VARIABLE,
        "key": REDIS_PASSWORD_KEY,
    }
    models = _MODELS.format(
        folder=model.host_folder, model=model.name, claim=model.claim
    )
    if not gateway.enabled:
        return models + _COMPOSE + _CLUSTER + _APPLY
    return (
        models
        + _KEYS.format(**names)
        + ("" if gateway.redis is None else _REDIS.format(**names))
        + _COMPOSE
        + _CLUSTER
        + _SECRET.format(**names)
        + _APPLY
        + _GATEWAY.format(state=STATE_FOLDER)
        + (_ALONE if gateway.replicas == 1 else "")
    )
