# Medic in a container: a read-only tree, a user of its own, one folder that is written to. docs/operations.md says how it
# is run; test/deploy assembles the same tree and runs it.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /opt/medic
COPY package.json package-lock.json .npmrc ./
# The image brings Node itself, so the pinned one (an optional package) is left out.
RUN npm ci --omit=dev --omit=optional

FROM ${NODE_IMAGE}
# For postmortems on a Git wiki (`kind: git`); `--build-arg PACKAGES=` leaves them out.
ARG PACKAGES="git openssh-client"
RUN if [ -n "$PACKAGES" ]; then \
      apt-get update && apt-get install --yes --no-install-recommends $PACKAGES && rm -rf /var/lib/apt/lists/*; \
    fi \
 && groupadd --system --gid 10001 medic \
 && useradd --system --uid 10001 --gid medic --home-dir /var/lib/medic --shell /usr/sbin/nologin medic \
 && install --directory --owner=medic --group=medic --mode=2770 /var/lib/medic \
 && ln -s /opt/medic/src/cli/medic /usr/local/bin/medic
WORKDIR /opt/medic
COPY --from=packages /opt/medic/node_modules ./node_modules
COPY package.json LICENSE ./
COPY runbooks ./runbooks
COPY templates ./templates
COPY test/cases/demo/bundle.json.gz ./test/cases/demo/
COPY src ./src

ENV NODE_ENV=production \
    NODE_OPTIONS=--disable-proto=delete \
    HOME=/var/lib/medic \
    MEDIC_HOME=/var/lib/medic \
    MEDIC_HEALTH=127.0.0.1:9464
USER 10001:10001
WORKDIR /var/lib/medic
VOLUME /var/lib/medic
# Ready: Slack is connected and the store answers. Whoever restarts unhealthy containers by themselves asks /healthz instead.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/opt/medic/src/cli/medic"]
CMD ["serve"]
