# The workers and the sweeper, with the OCR weights. Build: docker build -f deploy/docker/worker.Dockerfile .
FROM python:3.11-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore \
    KARTU_HOME=/var/lib/kartu ORT_DISABLE_TELEMETRY=1
WORKDIR /app

FROM base AS weights
COPY deploy/ deploy/
RUN python -m deploy.weights

FROM base
# What OpenCV wants of the system (deploy/debian.py).
RUN apt-get update && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*
COPY deploy/requirements/ deploy/requirements/
RUN pip install --require-hashes --only-binary=:all: -r deploy/requirements/worker.txt
# OpenTelemetry, for KARTU_TRACING: --build-arg TRACING=true.
ARG TRACING=false
RUN if [ "$TRACING" = true ]; then pip install --require-hashes --only-binary=:all: -r deploy/requirements/otel.txt; fi
COPY --from=weights /var/lib/kartu/weights/ /var/lib/kartu/weights/
COPY pyproject.toml README.md ./
COPY shared/ shared/
COPY worker/ worker/
COPY deploy/ deploy/
RUN pip install --no-deps --no-build-isolation --no-index --editable . \
    && useradd --system --no-create-home --uid 10001 kartu
USER 10001
CMD ["python", "-m", "celery", "-A", "worker.app", "worker", "--pool", "prefork", "--concurrency", "2", "-Q", "ocr", "--without-gossip", "--without-mingle"]
