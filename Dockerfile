# Vitrina: one image, one process tree (supervisor, workers, shipper and consumer, embedded Valkey unless redis.url says
# otherwise). Data (clicks not yet shipped, keys, Valkey) lives in /data: mount a volume there.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /home/vitrina vitrina && install -d -o vitrina -g vitrina -m 0700 /data
WORKDIR /app
COPY --from=build /venv /venv
COPY clicks clicks
COPY config config
COPY console console
COPY decisions decisions
COPY demo demo
COPY proxy proxy
COPY storage storage
COPY transforms transforms
COPY visitors visitors
COPY vitrina vitrina
COPY docker-entrypoint.sh /usr/local/bin/vitrina
# Each process would compile all of it at each start: nobody may write to this folder later.
RUN python -m compileall -q clicks config console decisions demo proxy storage transforms visitors vitrina
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER vitrina
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["python", "-m", "vitrina.healthcheck"]
ENTRYPOINT ["/usr/local/bin/vitrina"]
CMD ["serve", "--config", "/etc/vitrina/site.toml", "--data", "/data", "--listen", "0.0.0.0:8080", "--admin", "127.0.0.1:9109"]
