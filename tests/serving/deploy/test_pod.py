from serving.deploy.pod import build_container
from serving.deploy.pod import build_resources


def test_requests_equal_limits():
    resources = build_resources(2, 512)
    assert resources["requests"] == resources["limits"]
    assert resources["limits"] == {"cpu": "2", "memory": "512Mi"}


def test_container_has_no_rights_and_writes_to_tmp_only():
    container = build_container("c", "image:1", {"http": 80})
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == [
        "/tmp"
    ]


def test_every_pod_runs_as_an_ordinary_user(objects):
    for (kind, _), found in objects.items():
        if kind in ("Deployment", "StatefulSet"):
            security = found["spec"]["template"]["spec"]["securityContext"]
            assert security["runAsNonRoot"]
            assert security["runAsUser"] > 0
