import subprocess
import sys


def _run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_client_does_not_import_tensorflow():
    _run(
        "import sys, serving.client\n"
        "assert 'tensorflow' not in sys.modules\n"
        "assert not [m for m in sys.modules if m.startswith('tensorflow.py')]"
    )


def test_tensorflow_imported_later_shares_the_message_classes():
    _run(
        "from serving.protos import tensor_pb2\n"
        "import tensorflow as tf\n"
        "proto = tf.make_tensor_proto([1.5])\n"
        "assert type(proto) is tensor_pb2.TensorProto\n"
        "assert (tf.constant(1.5) + 1).numpy() == 2.5"
    )
