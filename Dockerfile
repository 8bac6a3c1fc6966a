# Keyfold as a container: one image for every service; KEYFOLD_SERVICES says which of them a container runs.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json vite.config.ts ./
COPY bin bin
COPY console console
COPY events events
COPY projections projections
COPY schema schema
COPY services services
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 KEYFOLD_DATA=/data
WORKDIR /app
# The only folders that are written, /data without KAFKA_BROKERS and MONGODB_URL, /usage by verifiers with them if it is their
# KEYFOLD_DATA: everything else may be read-only.
RUN install -d -m 0700 -o 10001 -g 10001 /data /usage
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
COPY keyspaces keyspaces
USER 10001:10001
VOLUME ["/data"]
EXPOSE 4000 4100 4200
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "dist/services/healthcheck.js"]
ENTRYPOINT ["node", "bin/keyfold.js"]
CMD ["serve"]
