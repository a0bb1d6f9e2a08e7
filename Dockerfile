# Rill in one image: built in the first stage, run by an ordinary user in the second.
FROM node:24-bookworm-slim AS build
WORKDIR /rill
COPY . .
RUN npm ci --no-audit --no-fund && npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production RILL_HOST=0.0.0.0 RILL_DATA_DIR=/data
WORKDIR /rill
# As deep as the build made it: it finds the page from there.
COPY --from=build /rill/backend/dist/ backend/.builds/image/
COPY --from=build /rill/frontend/dist/ frontend/dist/
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/api/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# As scripts/serve.sh, which says why.
CMD ["node", "--min-semi-space-size=3", "--v8-pool-size=2", "backend/.builds/image/main.cjs"]
