# The embedded model server, with the ports and variables of tensorflow/serving:
#   docker build -f serving/deploy/model-server.Dockerfile \
#     -t tastemaker/model-server:0.1.0 .
#   docker run -p 8500:8500 -v "$PWD/models:/models:ro" \
#     -e MODEL_NAME=tastemaker tastemaker/model-server:0.1.0
FROM python:3.11-slim AS build
COPY requirements/model-server.lock /build/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes \
      -r /build/model-server.lock \
 # 290 MB of C++ headers, which nothing reads at run time.
 && rm -rf /opt/venv/lib/python3.11/site-packages/tensorflow/include

FROM python:3.11-slim
COPY --from=build /opt/venv /opt/venv
COPY schemas /app/schemas
COPY serving /app/serving
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TF_CPP_MIN_LOG_LEVEL=1 \
    MODEL_NAME=model \
    MODEL_BASE_PATH=/models
USER 10001:10001
EXPOSE 8500 8501
# The ports open once a first version is ready.
HEALTHCHECK --interval=10s --timeout=6s --start-period=600s --retries=3 \
  CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8500), 5)"]
ENTRYPOINT ["/bin/sh", "-c", "exec python -m serving.model_server --port=8500 --rest_api_port=8501 --model_name=\"$MODEL_NAME\" --model_base_path=\"$MODEL_BASE_PATH/$MODEL_NAME\" \"$@\"", "model-server"]
