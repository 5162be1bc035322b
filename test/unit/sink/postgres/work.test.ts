import assert from 'node:assert/strict'
import test from 'node:test'
import { codeOf, messageOf } from '../../../../src/kernel/errors.ts'
import { sleep } from '../../../../src/kernel/lifecycle.ts'
import type { HeldWork, TransactionQuery } from '../../../../src/kernel/shapes/held-write.ts'
import { runWork } from '../../../../src/sink/postgres/offsets/work.ts'

const workOf = (run: HeldWork['run']): HeldWork => ({
  ...{ kind: 'work', handler: 'balances', offsets: [1] },
  run,
})

const failing =
  (error: Error): TransactionQuery =>
  () =>
    Promise.reject(error)

function answer(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

for (const [code, message] of [
  ['42601', 'syntax error at or near "upate"'],
  ['42804', 'column "amount" is of type numeric but expression is of type text'],
  ['08P01', 'bind message supplies 1 parameters, but prepared statement requires 2'],
  ['22P02', 'invalid input syntax for type integer'],
  ['23505', 'duplicate key value'],
] as const) {
  test(`a mistaken statement is the fault of its record: ${code}`, async () => {
    const work = workOf((query) => query('x').catch(() => {}))
    await assert.rejects(runWork(work, failing(answer(code, message)), 1_000), (error) => {
      assert.equal(codeOf(error), 'OCC_EMIT_ROW')
      assert.ok(messageOf(error).includes(`context.transaction of balances: ${message}`))
      return true
    })
  })
}

for (const code of [
  ...['40P01', '40001', '57P01', '57014', '53100', '25006', '08006', 'ECONNRESET', 'EPIPE'],
  ...['42P01', '42703', '42501'],
]) {
  test(`what may pass or come by itself stays what it is: ${code}`, async () => {
    const error = answer(code, 'away')
    const work = workOf((query) => query('x'))
    await assert.rejects(runWork(work, failing(error), 1_000), error)
  })
}

for (const text of ['commit', ' ROLLBACK', 'begin', 'end;', 'rollback work', 'START TRANSACTION']) {
  test(`the transaction is not the handler's to end: ${text}`, async () => {
    const sent: string[] = []
    const query: TransactionQuery = async (each) => {
      sent.push(each)
      return { rows: [], rowCount: 0 }
    }
    const work = workOf((own) => own(text))
    await assert.rejects(runWork(work, query, 1_000), { code: 'OCC_EMIT_ROW' })
    assert.deepEqual(sent, [])
  })
}

test('savepoints are, and names that begin like the end', async () => {
  const sent: string[] = []
  const texts = ['savepoint a', 'rollback to savepoint a', 'select * from commits', 'endow()']
  const work = workOf(async (own) => {
    for (const text of texts) await own(text)
  })
  const query: TransactionQuery = async (each) => {
    sent.push(each)
    return { rows: [], rowCount: 0 }
  }
  await runWork(work, query, 1_000)
  assert.deepEqual(sent, texts)
})

test('a statement that nobody awaits is part of the work, and its error is nobody else’s', async (t) => {
  const strays: unknown[] = []
  const stray = (error: unknown) => strays.push(error)
  process.on('unhandledRejection', stray)
  t.after(() => process.off('unhandledRejection', stray))
  const query: TransactionQuery = async () => {
    await sleep(20)
    throw answer('22P02', 'invalid input syntax for type integer')
  }
  const work = workOf(async (own) => void own('x'))
  await assert.rejects(runWork(work, query, 1_000), { code: 'OCC_EMIT_ROW' })
  await sleep(5)
  assert.deepEqual(strays, [])
})

test('a statement that the database holds up beyond the time is not the fault of its record', async () => {
  const canceled = answer('57014', 'canceling statement due to statement timeout')
  const query: TransactionQuery = async () => {
    await sleep(60)
    throw canceled
  }
  await assert.rejects(
    runWork(
      workOf((own) => own('x')),
      query,
      20,
    ),
    canceled,
  )
})

test('a function that takes too long itself is, whatever its statements say', async () => {
  const query: TransactionQuery = async () => {
    await sleep(40)
    return { rows: [], rowCount: 0 }
  }
  for (const run of [() => sleep(100), (own: TransactionQuery) => own('x')]) {
    await assert.rejects(runWork(workOf(run), query, 20), (error) => {
      assert.equal(codeOf(error), 'OCC_EMIT_ROW')
      assert.match(messageOf(error), /did not end within 20 ms/)
      return true
    })
  }
})
