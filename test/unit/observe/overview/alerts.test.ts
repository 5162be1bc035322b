import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parse } from 'yaml'
import { CHAPTERS, UNSEEN } from '../../../../dev/pictures/conditions/chapters.ts'
import { LIMITS } from '../../../../src/observe/overview/conditions/limits.ts'

const root = join(import.meta.dirname, '../../../..')
const conditions = join(root, 'src/observe/overview/conditions')

/** What the page says where the alert fires: a condition, or why there is none. */
const ON_THE_PAGE: Readonly<Record<string, string>> = {
  CertificateExpired: 'certificate-expired',
  CertificateExpiring: 'certificate-expiring',
  DataLossImminent: 'loss-imminent',
  DataLossSoon: 'loss-soon',
  RecordsLost: 'lost',
  RecordsCutOff: 'cut',
  LagHigh: 'catching-up',
  DeadLettersNotKept: 'letters-not-kept',
  DeadLetters: 'dead-letters',
  CommitsFail: 'commits-fail',
  LogLost: 'log-lost',
  BatchCorrupt: 'corrupt',
  PartitionNotFetched: 'not-fetched',
  TransactionOpen: 'transaction-open',
  Throttled: 'throttled',
  RebalanceStorm: 'rebalance-storm',
  CircuitOpen: 'circuit-open',
  NothingDecodes: 'nothing-decodes',
  RecordInFlightLong: 'in-flight-long',
  ParkedOverdue: 'parked-overdue',
  HandlerHangs: 'handler-hangs',
  SinkDown: 'sink-down',
  WorkersDie: 'workers-die',
  StrayErrors: 'stray-errors',
  Paused: 'paused',
  ConfigNotValid: 'config-invalid',
  ConfigWaits: 'config-waits',
  PartitionStuck: 'stalled',
  NoProgress: 'stalled',
  NotReady: 'not-ready',
  ConnectionUnsteady: 'broker-lost',
  IdlePods: 'standby',
  AtPartitionLimit: '(advice)',
  HandlersWait: '(advice)',
  GroupUnknown: '(the group says so in its row)',
  Down: '(there is no page)',
  Restarting: '(a process knows only itself)',
}

function alerts(): string[] {
  const folder = join(root, 'helm/onchain-consumer/alerts')
  return readdirSync(folder).flatMap((file) =>
    (parse(readFileSync(join(folder, file), 'utf8')) as Array<{ readonly alert: string }>).map(
      ({ alert }) => alert.replace('OnchainConsumer', ''),
    ),
  )
}

const source = readdirSync(conditions)
  .map((file) => readFileSync(join(conditions, file), 'utf8'))
  .join('\n')

test('each alert has a condition of the page, or a reason why it has none', () => {
  assert.deepEqual(Object.keys(ON_THE_PAGE).toSorted(), alerts().toSorted())
  for (const name of Object.values(ON_THE_PAGE)) {
    if (!name.startsWith('(')) assert.ok(source.includes(`'${name}'`), name)
  }
})

test('the limits are those of the alerts', () => {
  const values = parse(readFileSync(join(root, 'helm/onchain-consumer/values.yaml'), 'utf8'))
  const { thresholds } = values.monitoring.rules
  for (const [name, limit] of Object.entries(LIMITS)) assert.equal(limit, thresholds[name], name)
})

test('each condition with a chapter names a heading of docs/operations.md', () => {
  const headings = [
    ...readFileSync(join(root, 'docs/operations.md'), 'utf8').matchAll(/^##+ (.*)$/gm),
  ]
  const anchors = headings.map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  // The last argument of a condition.
  const named = [...source.matchAll(/,\s+'((?:onchainconsumer|[a-z]+-)[a-z-]+)',?\s*\)/g)].map(
    ([, chapter = '']) => chapter,
  )
  assert.ok(named.length >= 25, String(named.length))
  for (const chapter of named) assert.ok(anchors.includes(chapter), chapter)
})

test('each condition can be seen on a real service (dev/pictures/conditions), or there is a reason why not', () => {
  const named = Array.from(source.matchAll(/condition\(\s*'([a-z-]+)'/g), ([, name = '']) => name)
  const seen = [...Object.keys(CHAPTERS), ...Object.keys(UNSEEN)]
  assert.deepEqual([...new Set(named)].toSorted(), seen.toSorted())
})
