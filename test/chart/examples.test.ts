import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import test from 'node:test'
import { parse } from 'yaml'
import { root } from '../../dev/tools.ts'
import { at, manifests, ofKind, rendered, template } from './tools/helm.ts'

const EXAMPLE = join(root, 'examples/wallets-to-postgres')

/** What it does, without the places of its files. */
function meaningOf(config: Record<string, unknown>): unknown {
  const { handlers, filter, processing } = config
  const text = JSON.stringify({ handlers, filter, processing })
  return JSON.parse(text, (_, value) =>
    typeof value === 'string' && value.includes('/') ? basename(value) : value,
  )
}

test('wallets-to-postgres: the values render, with the handlers and filters of its config.yaml', () => {
  const all = manifests(rendered(template([join(EXAMPLE, 'values.yaml')])))
  const { 'config.yaml': config } = at(ofKind(all, 'ConfigMap'), 'data') as Record<string, string>
  const own = parse(readFileSync(join(EXAMPLE, 'config.yaml'), 'utf8'))
  assert.deepEqual(meaningOf(parse(config ?? '')), meaningOf(own))
  const mounts = at(ofKind(all, 'Deployment'), 'spec.template.spec.containers.0.volumeMounts')
  const paths = (mounts as Array<{ mountPath: string }>).map(({ mountPath }) => mountPath)
  for (const path of ['/etc/wallets', '/etc/onchain-consumer/handlers']) {
    assert.ok(paths.includes(path), `${path} is mounted: ${paths}`)
  }
})
