FROM node:24-slim AS page
WORKDIR /web
COPY web/.npmrc web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY schema.graphql /
COPY web/tsconfig.json web/codegen.mjs web/vite.config.ts web/vite.widget.ts ./
COPY web/index.html web/graphiql.html web/widget-example.html ./
COPY web/src src
RUN npm run generate && npm run build

FROM python:3.13-slim AS package
WORKDIR /kenshin
RUN python -m venv /opt/kenshin
COPY pyproject.toml requirements.lock README.md LICENSE kenshin.py server.py ./
COPY commands commands
COPY datasources datasources
COPY domain domain
COPY portals portals
COPY resolvers resolvers
COPY schema schema
COPY web web
COPY --from=page /web/dist web/dist
# The slim image has no compiler: --only-binary stops at once when a dependency has no wheel.
RUN /opt/kenshin/bin/pip install --disable-pip-version-check --no-cache-dir --only-binary :all: \
    -c requirements.lock .

FROM python:3.13-slim
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
COPY --from=package /opt/kenshin /opt/kenshin
ENV PATH=/opt/kenshin/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["kenshin", "serve", "--host", "0.0.0.0"]
