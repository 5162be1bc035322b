import assert from 'node:assert/strict'
import test from 'node:test'
import { stringify } from 'yaml'
import { fields } from '../../src/config/schema/catalog.ts'
import { at, ofKind, renderWith } from './tools/helm.ts'

// What an upgrade changes replaces the pods, unless the service takes it up by itself.

const FOLDER = '/etc/onchain-consumer/handlers'
const handled = (filter: object, module = 'export default 1', list = 'a') => ({
  config: { handlers: [{ path: `${FOLDER}/whale.ts`, filter }] },
  handlerFiles: { files: { 'whale.ts': module, 'watched.txt': list } },
})
const listed = { addressesFile: `${FOLDER}/watched.txt` }

/** The annotation of the pods: another one, other pods. */
function pods(values: object): unknown {
  const deployment = ofKind(renderWith(stringify(values)), 'Deployment')
  const annotations = at(deployment, 'spec.template.metadata.annotations')
  return (annotations as Record<string, unknown>)['checksum/config']
}

/** Values for these settings, each with its example or its default. */
function configOf(chosen: typeof fields): { config: object } {
  const config: Record<string, Record<string, unknown>> = {}
  for (const { path, example, default: otherwise } of chosen) {
    const [section = '', key = ''] = path
    config[section] = { ...config[section], [key]: example ?? otherwise }
  }
  return { config }
}

test('pods stay when only live keys change: all of the service, and no others', () => {
  const live = fields.filter((field) => field.live)
  assert.ok(live.length >= 15 && live.every(({ path }) => path.length === 2))
  // A list of addresses would need a file that is mounted.
  const chosen = live.filter(({ key }) => key !== 'filter.addressesFile')
  const before = pods({})
  assert.equal(pods(configOf(chosen)), before)
  const neighbours = [
    'processing.order',
    'processing.maxInFlight',
    'circuit.failures',
    'log.format',
  ]
  for (const field of fields.filter(({ key }) => neighbours.includes(key))) {
    assert.notEqual(pods(configOf([field])), before, field.key)
  }
  assert.notEqual(pods({ config: { flow: { drain: '10s' } } }), before)
})

test('pods stay when a handler is given another filter, and go when its list of topics changes', () => {
  const before = pods(handled({ success: true }))
  assert.equal(pods(handled({ minAmount: '5' })), before)
  const other = handled({ success: true })
  Object.assign(other.config.handlers[0] ?? {}, { topics: ['solana.*'] })
  assert.notEqual(pods(other), before)
})

test('pods stay when a list of addresses changes, and go when a module does', () => {
  const before = pods(handled(listed))
  assert.equal(pods(handled(listed, 'export default 1', 'b')), before)
  assert.notEqual(pods(handled(listed, 'export default 2')), before)
})

test('with reloadConfig: false every change replaces the pods', () => {
  const strict = (values: object) => pods({ reloadConfig: false, ...values })
  assert.notEqual(strict({ config: { log: { level: 'debug' } } }), strict({}))
  assert.notEqual(strict(handled(listed, 'export default 1', 'b')), strict(handled(listed)))
})

test('a change outside of the configuration replaces no pods', () => {
  assert.equal(pods({ replicaCount: 2 }), pods({}))
})
