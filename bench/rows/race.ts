import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { EmbeddedPostgres } from '../../dev/postgres/embedded-postgres.ts'
import { CodedError } from '../../src/kernel/errors.ts'
import { sleep } from '../../src/kernel/lifecycle.ts'
import type { Report } from '../contestants/measure.ts'
import type { Contestant } from '../contestants.ts'
import { processCpu, serverCpu } from '../cpu.ts'
import { type Expected, TABLE } from './transfers.ts'

export interface RaceTask {
  readonly brokers: string
  readonly topic: string
  readonly expected: Expected
  readonly postgres: EmbeddedPostgres
}

/** Milliseconds between two looks at the table. */
const LOOK = 20
/** Milliseconds without the last row, after which a contestant does not work. */
const PATIENCE = 300_000

/**
 * Runs it until all messages are rows of the table, which is empty before; then ends it. From its first
 * rows to its last, seen from outside, so it need not count.
 * @throws Error when the rows are not those of the messages
 */
export async function race(contestant: Contestant, task: RaceTask): Promise<Report> {
  const client = new pg.Client({ connectionString: task.postgres.url })
  await client.connect()
  try {
    await client.query(`truncate ${TABLE}`)
    await client.query('checkpoint')
    const child = start(contestant, task)
    try {
      return await watch(child, client, contestant.name, task)
    } finally {
      await end(child)
    }
  } finally {
    await client.end()
  }
}

function start(
  { name, command, env }: Contestant,
  { brokers, topic, expected, postgres }: RaceTask,
) {
  const [program = '', ...args] = command
  const { hostname, port, pathname, username, password } = new URL(postgres.url)
  return spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...env,
      NODE_NO_WARNINGS: '1',
      BROKERS: brokers,
      TOPIC: topic,
      GROUP: `rows-${name.replace(/\W+/g, '-')}-${Date.now()}`,
      // Nobody counts: it is ended.
      COUNT: '1000000000',
      MESSAGES: String(expected.count),
      DATABASE_URL: postgres.url,
      JDBC_URL: `jdbc:postgresql://${hostname}:${port}${pathname}?stringtype=unspecified&reWriteBatchedInserts=true`,
      JDBC_USER: username,
      JDBC_PASSWORD: password,
      OFFSETS_FILE: join(postgres.folder, 'connect-offsets'),
    },
  })
}

async function watch(
  child: ChildProcess,
  client: pg.Client,
  name: string,
  { expected, postgres }: RaceTask,
): Promise<Report> {
  const { pid = 0 } = child
  const cpu = () => [processCpu(pid), serverCpu(postgres.pid() ?? 0)] as const
  const deadline = performance.now() + PATIENCE
  const rowsOf = async (text: string, values: unknown[] = []) =>
    (await client.query(text, values)).rows[0]

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new CodedError(
          'OCC_BENCH',
          `${name} did not write all rows (exit: ${child.exitCode}).`,
        )
      }
      await sleep(LOOK)
    }
  }

  await until(async () => (await rowsOf(`select exists (select from ${TABLE}) as any`)).any)
  const started = performance.now()
  const before = cpu()
  const { rows: already } = await rowsOf(`select count(*)::int as rows from ${TABLE}`)
  await until(async () => {
    const text = `select count(*)::int as rows from ${TABLE} where id = any($1)`
    return (await rowsOf(text, [expected.lastIds])).rows === expected.lastIds.length
  })
  let found = { rows: 0, sum: '' }
  await until(async () => {
    found = await rowsOf(`select count(*)::int as rows, sum(amount)::text as sum from ${TABLE}`)
    return found.rows >= expected.count
  })
  const seconds = (performance.now() - started) / 1_000
  const after = cpu()
  if (found.rows !== expected.count || found.sum !== expected.sum.toString()) {
    throw new CodedError(
      'OCC_BENCH',
      `${name}: ${found.rows} rows of ${expected.count}, sum ${found.sum}.`,
    )
  }
  return {
    records: expected.count - already,
    seconds,
    cpuSeconds: after[0] - before[0],
    serverSeconds: after[1] - before[1],
    residentMiB: mostResident(pid),
  }
}

/** Its peak, as Linux tells it. */
function mostResident(pid: number): number {
  const [, kilobytes = '0'] =
    /^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
