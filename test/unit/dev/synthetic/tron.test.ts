import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { createTronIdentity } from '../../../../dev/synthetic/identity.ts'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import { base58Integer, make, parseExact, pathsOf, readSample, textOf } from './helpers.ts'

const messages = make({ seed: 5, stream: 'tron' }, 1000)
const transactions = messages.flatMap((message) => JSON.parse(textOf(message)))

test('transactions have exactly the fields of the samples; failures lack Success', () => {
  const [call] = readSample('tron.broadcasted.transactions.1-trc20.json').map((it) => pathsOf(it))
  const [plain] = readSample('tron.broadcasted.transactions.2-trx.json').map((it) => pathsOf(it))
  const seen = { call: 0, plain: 0, failed: 0 }
  for (const transaction of transactions) {
    const kind = transaction.Transaction.Calls.length > 0 ? 'call' : 'plain'
    const paths = pathsOf(transaction)
    if (transaction.Transaction.TransactionStatus.Success === true) {
      assert.deepEqual(paths, kind === 'call' ? call : plain)
      seen[kind]++
    } else {
      assert.ok(![...paths].some((path) => path.endsWith('.Success')))
      seen.failed++
    }
  }
  assert.ok(seen.call > 100 && seen.plain > 100 && seen.failed > 10)
})

test('times are nanoseconds as raw integers of 19 digits', () => {
  for (const { Transaction } of messages.slice(0, 200).flatMap((it) => parseExact(textOf(it)))) {
    const header = Transaction?.['TransactionHeader']
    for (const name of ['Time', 'Timestamp', 'Expiration']) {
      assert.match(String(header?.[name]?.['digits']), /^175\d{16}$/)
    }
  }
})

test('addresses are base58check', () => {
  const addresses = new Set<string>(
    transactions.flatMap((it) => JSON.stringify(it).match(/(?<=")T[1-9A-Za-z]{33}(?=")/g) ?? []),
  )
  assert.ok(addresses.size > 500)
  for (const address of addresses) {
    const bytes = Buffer.from(base58Integer(address).toString(16), 'hex')
    assert.equal(bytes.length, 25)
    assert.equal(bytes[0], 0x41)
    const once = createHash('sha256').update(bytes.subarray(0, 21)).digest()
    const checksum = createHash('sha256').update(once).digest().subarray(0, 4)
    assert.deepEqual(bytes.subarray(21), checksum, address)
  }
})

test('a TRC20 call, its input and its log describe the same transfer', () => {
  const calls = transactions.flatMap(({ Transaction }) => Transaction.Calls)
  assert.ok(calls.length > 100)
  for (const call of calls) {
    const [to, value] = call.Arguments
    const { Input } = call.Header
    const toHex = base58Integer(to.Value.Value).toString(16).slice(2, 42)
    assert.equal(Input.slice(8, 72), toHex.padStart(64, '0'))
    assert.equal(BigInt(`0x${Input.slice(72)}`), BigInt(value.Value.Value))
    for (const log of call.Logs) {
      assert.equal(log.Arguments[2].Value.Value, value.Value.Value)
      assert.equal(log.Topics[2], toHex.padStart(64, '0'))
    }
  }
})

test('hashes are unique, enumerable, and identify the message', () => {
  const synthesizer = createSynthesizer({ seed: 3, stream: 'tron', messageBytes: 8000 })
  const identity = createTronIdentity(3)
  const all = new Set<string>()
  let events = 0
  for (let made = 0; made < 300; made++) {
    const message = synthesizer.next()
    const hashes: string[] = JSON.parse(textOf(message)).map(
      (it: { Transaction: { TransactionHeader: { Hash: string } } }) =>
        it.Transaction.TransactionHeader.Hash,
    )
    assert.deepEqual(synthesizer.eventIds(message.index), hashes)
    hashes.forEach((hash, transaction) => {
      assert.match(hash, /^[0-9a-f]{64}$/)
      assert.deepEqual(identity.find(hash), { index: message.index, transaction })
      all.add(hash)
    })
    events += message.events
  }
  assert.equal(all.size, events)
  assert.equal(identity.find('0'.repeat(64)), undefined)
})
