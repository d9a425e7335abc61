# One image for every role: `qudao api orders`, `qudao worker orders`, `qudao gateway`, … (ADR 0026).
# BASE is any image with Python >= 3.11 and its venv module as python3; pin it by digest if you can.
ARG BASE=python:3.13.12-slim-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python3 -m venv /opt/build && python3 -m venv --without-pip /opt/qudao
# A mirror or a proxy's certificate comes as a build secret, so that no address stands here:
#   docker build --secret id=pip,src=pip.conf .
COPY requirements.lock requirements-dev.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    awk '/^[^ ]/ {wanted = /^uv-build==/} wanted' requirements-dev.lock > build.lock \
    && /opt/build/bin/pip install --quiet --require-hashes -r build.lock \
    && /opt/build/bin/pip --python /opt/qudao/bin/python install --quiet \
        --only-binary=:all: --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY services services
COPY shared shared
RUN PATH=/opt/build/bin:$PATH pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir /wheels . \
    && /opt/build/bin/pip --python /opt/qudao/bin/python install --quiet --no-deps --no-index /wheels/*.whl

FROM ${BASE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Qudao" \
      org.opencontainers.image.description="An open, event-sourced platform for selling through channels" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /opt/qudao /opt/qudao
# Written at run time: /data (keys, embedded stores, blobs in a folder) and /tmp, nothing else.
RUN install -d -o 10001 -g 10001 -m 0750 /data /data/keys /data/blobs
ENV PATH=/opt/qudao/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    QUDAO_DATA=/data \
    QUDAO_HOST=0.0.0.0 \
    QUDAO_LOG=json \
    QUDAO_PORT=8080
USER 10001:10001
WORKDIR /data
EXPOSE 8080
# No HEALTHCHECK: one-shot commands have no health, and what asks the others is the orchestrator.
ENTRYPOINT ["qudao"]
CMD ["--help"]
