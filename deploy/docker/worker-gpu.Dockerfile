# GPU workers: the worker's image with ONNX Runtime for CUDA and the libraries that it wants. Build the worker first:
#   docker build -f deploy/docker/worker.Dockerfile -t kartu-worker .
#   docker build -f deploy/docker/worker-gpu.Dockerfile --build-arg WORKER=kartu-worker .
ARG WORKER=kartu-worker
# hadolint ignore=DL3006
FROM ${WORKER}
USER 0
# The build for the processor and the one for CUDA are the same Python package.
RUN pip uninstall --yes onnxruntime \
    && pip install --no-cache-dir --require-hashes --only-binary=:all: -r deploy/requirements/gpu.txt
USER 10001
ENV KARTU_DEVICE=gpu
CMD ["python", "-m", "celery", "-A", "worker.app", "worker", "--pool", "threads", "--concurrency", "8", "-Q", "ocr", "--without-gossip", "--without-mingle"]
