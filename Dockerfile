# The service alone: Node, its shared libraries, and dist/, which has all packages in it. No shell, no npm.
# Builds with `docker build .` and `buildah bud --network host .`; `npm run image` does either.
#
# Any Debian-based Node 24 serves as NODE_IMAGE: it compiles, and its node goes into the image.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No install scripts: the only one fetches a Node for machines that have none.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY dev/build.ts ./dev/
RUN npm run build

FROM ${NODE_IMAGE} AS node
# node and what it links to, licenses included, at the paths they have; plus the few files that
# looking up a name or a user needs. libnss_* and libresolv are opened by name, never linked.
RUN mkdir -p /image/etc /image/tmp /image/app/dead-letters \
 && ldd "$(command -v node)" | grep -oE '/[^ ]+\.so[^ ]*' | sort -u > /libraries \
 && { cat /libraries; command -v node; } | xargs cp --parents -L -t /image \
 && cp --parents -t /image /usr/share/doc/libc6/copyright /usr/share/doc/libstdc++6/copyright \
      /usr/share/doc/libgcc-s1/copyright \
 && printf 'root:x:0:0:root:/:/sbin/nologin\nonchain:x:1000:1000::/app:/sbin/nologin\n' > /image/etc/passwd \
 && printf 'root:x:0:\nonchain:x:1000:\n' > /image/etc/group \
 && printf 'hosts: files dns\npasswd: files\ngroup: files\n' > /image/etc/nsswitch.conf \
 && chmod 1777 /image/tmp && chown 1000:1000 /image/app/dead-letters

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="onchain-consumer" \
      org.opencontainers.image.description="Consumes on-chain transaction streams (Solana, EVM chains, Tron; JSON, Protocol Buffers) from Kafka or Redpanda and gets every record handled." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/usr/local/bin NODE_ENV=production
WORKDIR /app
# Seldom changed first: an upgrade pulls the last layers only.
COPY --from=node /image/ /
COPY package.json LICENSE ./
COPY --from=build /build/dist ./dist
# Numeric, so that Kubernetes can tell that it is not root.
USER 1000:1000
EXPOSE 8080
# node is process 1: it gets SIGTERM itself, drains and exits 0. The flags are those of `npm start`, and
# that stack traces name src/.
ENTRYPOINT ["node", "--max-semi-space-size=16", "--heap-growing-percent=100", "--no-allocation-site-pretenuring", "--enable-source-maps", "/app/dist/main.js"]
CMD ["run", "--config", "/etc/onchain-consumer/config/config.yaml"]
