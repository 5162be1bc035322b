import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { stringify } from 'yaml'
import { plainProducer } from '../../dev/produce/plain.ts'
import { walletsFile } from '../../dev/synthetic/wallets.ts'
import { startReceiver } from '../../dev/webhook/receiver.ts'
import { sendSynthetic } from '../support/records/synthetic-stream.ts'
import { byId, idsIn, wantedOf } from '../support/wallets-example.ts'
import { tryCommand } from './harness/command.ts'
import { documentedBlock } from './harness/documented.ts'
import { environment } from './harness/environment.ts'
import { openToPods } from './harness/host/open-to-pods.ts'
import { startHostPostgres } from './harness/host/postgres.ts'
import { printFigures } from './harness/print.ts'
import { createRelease } from './harness/release.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS, TOPIC } from './harness/scene.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const MESSAGES = 2_000
const WALLETS = 5_000
const ROOT = join(import.meta.dirname, '../..')

scenario(
  'wallets',
  'examples/wallets-to-postgres, installed as its README says: each transfer of a wallet is a row, each whale is posted, no dead letter',
  async ({ namespace, values, undo, kafka }) => {
    const url = await startHostPostgres(undo)
    const posted = new Set<string>()
    let refused = 0
    const receiver = await startReceiver({
      refuseEvery: 5,
      accepted: (post) => idsIn(post).forEach((id) => void posted.add(id)),
      refused: () => {
        refused += 1
      },
    })
    undo.push('webhook', () => receiver.close())

    // What is in the folder where the commands of the README are run.
    const folder = mkdtempSync(join(tmpdir(), 'e2e-wallets-'))
    undo.push('folder', () => rmSync(folder, { recursive: true }))
    for (const name of ['examples', 'helm']) symlinkSync(join(ROOT, name), join(folder, name))
    mkdirSync(join(folder, '.cache/wallets'), { recursive: true })
    const wallets = walletsFile(WALLETS, 'solana')
    writeFileSync(join(folder, '.cache/wallets/wallets.txt'), wallets)
    writeFileSync(join(folder, 'postgres-url'), `${url}\n`)
    writeFileSync(join(folder, 'webhook-url'), `${await openToPods(undo, receiver.url)}\n`)

    // Its values, but for what is of this cluster: brokers, Secrets, image, resources.
    const { config, ...ofCluster } = values
    const { topics: _, groupId: __, ...brokers } = (config as { kafka: typeof values }).kafka
    const own = mergeValues(ofCluster, { config: { kafka: brokers } })
    writeFileSync(join(folder, 'own.yaml'), stringify(own))
    const release = createRelease(undo, namespace, 'wallets')
    const commands = documentedBlock(
      '../examples/wallets-to-postgres/README.md',
      'In Kubernetes',
      'sh',
    )
      .replaceAll('kubectl -n chain', `${environment.kubectl} -n ${namespace.name}`)
      .replaceAll('helm -n chain', `${environment.helm} -n ${namespace.name}`)
      .replace('install wallets helm/onchain-consumer', `install wallets ${environment.chart}`)
      .trimEnd()
    const script = `set -e; cd ${folder}\n${commands} -f own.yaml --wait --timeout 240s\n`
    const installed = await tryCommand('bash', ['-c', script])
    assert.equal(installed.code, 0, `${commands}\n${installed.stderr}`)

    const producer = await plainProducer([kafka.brokers.plaintext], 'e2e')
    const events = await sendSynthetic(producer, TOPIC, MESSAGES, {
      ...{ seed: 7, stream: 'solana', amounts: 'everyday' },
      ...{ duplicateShare: 0.1, partitions: PARTITIONS },
    }).finally(() => producer.close())
    const wanted = wantedOf(events.values(), wallets)
    assert.ok(wanted.posts.length > 0 && wanted.rows.length > 100, JSON.stringify(wanted))

    const database = new pg.Client({ connectionString: url })
    await database.connect()
    undo.push('client', () => database.end())
    const rows = await until('a row of each transfer, a post of each whale', 180, async () => {
      const { rows } = await database.query('select id, amount::text from transfers')
      if (rows.length >= wanted.rows.length && posted.size >= wanted.posts.length) return rows
      throw new Error(`${rows.length} rows, ${posted.size} whales`)
    })
    assert.deepEqual(rows.sort(byId), wanted.rows)
    assert.deepEqual([...posted].sort(), wanted.posts)
    const dlq = ['node', '/app/dist/main.js', 'dlq', 'list']
    const pod = `deployment/${release.fullName}`
    assert.match(await namespace.kubectl(['exec', pod, '--', ...dlq]), /No dead letters/)
    printFigures('wallets', {
      'messages in': MESSAGES,
      'rows of the wallets': rows.length,
      'whales posted': posted.size,
      'posts refused at first': refused,
      'dead letters': 0,
    })
  },
)
