# The image of Catalyst: node and the program, on a small Debian. What to put on top of it: examples/container.
ARG BASE=docker.io/library/debian:trixie-slim
ARG BUILD_BASE=docker.io/library/node:24-trixie-slim

# Builds the program, and the folder that the other packages have, too: node, held to its sum, beside the bundle.
FROM ${BUILD_BASE} AS build
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libatomic1 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
ARG SOURCE_DATE_EPOCH=0
RUN npm run build && node scripts/dist/image.js /opt/catalyst

FROM ${BASE}
# catatonit is PID 1: node there would leave zombies, as it reaps only what it has started itself. The other libraries are node's.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates catatonit libatomic1 libstdc++6 \
  && apt-get clean \
  && rm -rf /var/lib/apt/lists/* /var/log/*.log /var/log/apt
# Any user may run it. The home is the image's, and what is written there is the group root's, too, which is that of a
# user who is only a number: docker run --user 12345.
RUN groupadd --gid 1000 catalyst \
  && useradd --uid 1000 --gid catalyst --home-dir /bot --no-create-home --no-log-init catalyst \
  && install --directory --owner=catalyst --group=root --mode=0775 /bot \
  && install --directory --owner=catalyst --group=root --mode=0770 /bot/.catalyst /bot/data \
  && ln -s /opt/catalyst/catalyst /usr/local/bin/catalyst
COPY --from=build /opt/catalyst /opt/catalyst

ENV CATALYST_HOME=/bot \
  WATCHDOG_ENABLED=1
WORKDIR /bot
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=5m --retries=3 CMD ["catalyst", "health", "check"]
ENTRYPOINT ["/usr/bin/catatonit", "--", "catalyst"]
CMD ["watchdog", "run"]

ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Catalyst" \
  org.opencontainers.image.description="Runs a bot in any language 24/7: health, watchdog, alerts." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
