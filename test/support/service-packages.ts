import packageJson from '../../package.json' with { type: 'json' }

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

/** What the bundle calls them: an alias (`npm:NAME@RANGE`) by the name of its package. */
export const bundledNames: readonly string[] = Object.keys(servicePackages).map((name) => {
  const range = new Map(Object.entries(packageJson.devDependencies)).get(name) ?? ''
  return /^npm:(@?[^@]+)@/.exec(range)?.[1] ?? name
})
