/**
 * Every package of the service, and the one room that may import it; docs/design.md says why. They
 * are development dependencies, because the bundle contains them: installing the package brings
 * none of them.
 */
export const servicePackages: Readonly<Record<string, string>> = {
  kafkajs: 'broker',
  snappyjs: 'broker',
  lz4js: 'decode',
  protobufjs: 'decode',
  avsc: 'decode',
  '@kubernetes/client-node': 'kubernetes',
  fastify: 'http',
  '@fastify/swagger': 'http',
  'prom-client': 'observe',
  pino: 'observe',
  yaml: 'config',
  zod: 'config',
  pg: 'sink',
  'opentelemetry-api': 'tracing',
}
