# The gateway, `python -m serving.gateway` on port 8080:
#   docker build -f serving/deploy/gateway.Dockerfile \
#     -t tastemaker/gateway:0.1.0 .
# `python -m serving.deploy` renders what starts it: flags, config, volumes.
FROM python:3.11-slim AS build
COPY requirements/gateway.lock /build/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes \
      -r /build/gateway.lock \
 # Of TensorFlow's 1.2 GB a caller needs the messages; see serving/protos.py.
 && cd /opt/venv/lib/python3.11/site-packages/tensorflow \
 && find . -type f ! -name '*_pb2.py' ! -name '*_pb2_grpc.py' -delete \
 && find . -type d -empty -delete

FROM python:3.11-slim
COPY --from=build /opt/venv /opt/venv
COPY schemas /app/schemas
COPY serving /app/serving
WORKDIR /app
# A new volume takes over whose the folder is.
RUN install -d -o 10001 -g 10001 /var/lib/gateway
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=5)"]
ENTRYPOINT ["python", "-m", "serving.gateway"]
