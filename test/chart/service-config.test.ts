import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import test from 'node:test'
import { createAuthority, issueClientCertificate } from '../../dev/kafka/certificates.ts'
import { loadConfig } from '../../src/config/load/load.ts'
import { at, manifests, ofKind, renderScenario, scenarios } from './tools/helm.ts'

const MOUNTS = '/etc/onchain-consumer'
const PASSPHRASE = 'secret'

/** Content for each file that a scenario mounts, by the key of its Secret. */
async function secrets(): Promise<(key: string) => string> {
  const ca = await createAuthority('test')
  const client = await issueClientCertificate({ ca, commonName: 'transfers' })
  const encryption = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE }
  return (key) => {
    if (key === 'ca.crt') return ca.certificate
    if (key.endsWith('.crt')) return client.certificate
    if (key === 'user.key') return String(createPrivateKey(client.key).export(encryption as never))
    if (key === 'user.password') return PASSPHRASE
    if (key === 'uri') return 'postgresql://me:secret@db:5432/chain'
    return key.endsWith('.key') ? client.key : 'a-secret-that-is-long-enough'
  }
}

/** The variables of the container; those from the cluster get a value of their own. */
function environment(deployment: unknown): Record<string, string> {
  const entries = at(deployment, 'spec.template.spec.containers.0.env') as unknown[]
  return Object.fromEntries(
    entries.map((entry) => {
      const fromCluster = at(entry, 'valueFrom.configMapKeyRef') ? 'kafka:9092' : 'pod-1'
      return [String(at(entry, 'name')), String(at(entry, 'value') ?? fromCluster)]
    }),
  )
}

for (const scenario of scenarios) {
  test(`${scenario}: the service accepts the configuration as its pods find it`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'occ-chart-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const all = manifests(renderScenario(scenario))
    const data = at(ofKind(all, 'ConfigMap'), 'data') as Record<string, string>
    const config = (data['config.yaml'] ?? '').replaceAll(MOUNTS, folder)
    const content = await secrets()
    for (const [path] of config.matchAll(new RegExp(`${folder}/\\S+`, 'g'))) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content(basename(path)))
    }
    const file = join(folder, 'config.yaml')
    writeFileSync(file, config)
    const env = environment(ofKind(all, 'Deployment'))
    const result = loadConfig({ file, env, inKubernetes: true })
    assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problems, null, 2))
  })
}
