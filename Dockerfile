# Web and worker of Acuse. PostgreSQL is another container (compose.yaml).
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/acuse
COPY requirements.lock ./
RUN /opt/acuse/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY acuse ./acuse
COPY acuse_simulator ./acuse_simulator
RUN /opt/acuse/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/acuse --create-home acuse
COPY --from=build /opt/acuse /opt/acuse
ENV PATH=/opt/acuse/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ACUSE_DATA_DIR=/var/lib/acuse \
    ACUSE_BIND=0.0.0.0:8000
USER acuse
VOLUME /var/lib/acuse
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ingresar/', timeout=4)"]
CMD ["acuse", "web"]
