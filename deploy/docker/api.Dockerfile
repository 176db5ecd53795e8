# The API, and `kartu keys`. Build from the project's folder: docker build -f deploy/docker/api.Dockerfile .
FROM python:3.11-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
COPY deploy/requirements/ deploy/requirements/
RUN pip install --require-hashes --only-binary=:all: -r deploy/requirements/api.txt
# OpenTelemetry, for KARTU_TRACING: --build-arg TRACING=true.
ARG TRACING=false
RUN if [ "$TRACING" = true ]; then pip install --require-hashes --only-binary=:all: -r deploy/requirements/otel.txt; fi
COPY pyproject.toml README.md ./
COPY shared/ shared/
COPY api/ api/
COPY deploy/ deploy/
RUN pip install --no-deps --no-build-isolation --no-index --editable . \
    && useradd --system --no-create-home --uid 10001 kartu
USER 10001
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "-c", "deploy/gunicorn_conf.py", "--bind", "0.0.0.0:8000", "api.wsgi:app"]
