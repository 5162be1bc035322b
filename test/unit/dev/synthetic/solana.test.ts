import assert from 'node:assert/strict'
import test from 'node:test'
import { createSolanaIdentity } from '../../../../dev/synthetic/identity.ts'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import {
  base58Integer,
  make,
  type Node,
  parseExact,
  pathsOf,
  readSample,
  textOf,
} from './helpers.ts'

const transfers = make({ seed: 5, stream: 'solana' }, 3000).flatMap((message) =>
  parseExact(textOf(message)),
)
const field = (node: Node | undefined): string => String(node)
const digits = (node: Node | undefined): bigint => BigInt(String(node?.['digits']))

test('transfers have exactly the fields of the sample, token and native ones each', () => {
  const sample = readSample('solana.transfers.1-block-batch.json')
  const [token, native] = sample.map((transfer) => pathsOf(transfer))
  const seen = { token: 0, native: 0 }
  const plain = make({ seed: 5, stream: 'solana' }, 400).flatMap((message) =>
    JSON.parse(textOf(message)),
  )
  for (const transfer of plain) {
    const isNative: boolean = transfer.Transfer.Currency.Native
    // A path may be a list or null (CallPath): the field counts, not what it holds.
    const names = (paths: Set<string> | undefined) =>
      new Set([...(paths ?? [])].map((path) => path.replace(/CallPath\[\]$/, 'CallPath')))
    assert.deepEqual(names(pathsOf(transfer)), names(isNative ? native : token))
    seen[isNative ? 'native' : 'token']++
  }
  assert.ok(seen.token > 100 && seen.native > 100)
})

test('a brief native transfer still has the fields of the sample', () => {
  const [, native] = readSample('solana.transfers.1-block-batch.json')
  const [message] = make({ seed: 1, stream: 'solana', messageBytes: 1000 }, 1)
  assert.ok(message !== undefined)
  const [transfer] = JSON.parse(textOf(message))
  const top = (document: unknown) =>
    new Set([...pathsOf(document)].filter((path) => !/Accounts|Logs/.test(path)))
  assert.deepEqual(top(transfer), top(native))
  assert.deepEqual(transfer.Transfer.Instruction.Accounts, [])
})

test('amounts are raw integers up to 2^64 - 1, a share of them beyond 2^53', () => {
  const amounts = transfers.map(({ Transfer }) => digits(Transfer?.['Amount']))
  const large = amounts.filter((amount) => amount > 2n ** 53n)
  assert.ok(large.length / amounts.length > 0.02 && large.length / amounts.length < 0.1)
  assert.ok(amounts.includes(2n ** 64n - 1n))
  assert.ok(amounts.every((amount) => amount >= 0n && amount < 2n ** 64n))
  assert.ok(large.some((amount) => BigInt(Number(amount)) !== amount))
})

test('the instruction has the amount of the transfer, in its data too', () => {
  for (const { Transfer } of transfers) {
    const amount = digits(Transfer?.['Amount'])
    const instruction = Transfer?.['Instruction']
    assert.equal(digits(instruction?.['Program']?.['Arguments']?.['0']?.['Value']), amount)
    const data = Buffer.from(field(instruction?.['Data']), 'hex')
    assert.equal(data.readBigUInt64LE(data.length === 9 ? 1 : 4), amount)
  }
})

test('signatures are 64 bytes of base58, addresses and hashes 32', () => {
  const bytes = (text: string) => {
    const integer = base58Integer(text)
    return integer === 0n ? 0 : Math.ceil(integer.toString(16).length / 2)
  }
  for (const { Block, Transaction, Transfer } of transfers.slice(0, 1000)) {
    assert.equal(bytes(field(Transaction?.['Signature'])), 64)
    for (const address of [
      Block?.['Hash'],
      Transaction?.['Signer'],
      Transfer?.['Sender']?.['Address'],
      Transfer?.['Receiver']?.['Address'],
    ]) {
      assert.equal(bytes(field(address)), 32)
    }
  }
})

test('blocks advance, some have no time, some slots are two blocks', () => {
  const messages = make({ seed: 5, stream: 'solana' }, 32 * 130)
  const blocks = messages.map((message) => parseExact(textOf(message))[0]?.['Block'])
  const slots = blocks.map((block) => digits(block?.['Slot']))
  assert.deepEqual(
    slots,
    slots.toSorted((a, b) => Number(a - b)),
  )
  assert.equal(new Set(slots).size, 130)
  assert.ok(new Set(blocks.map((block) => field(block?.['Hash']))).size > 130)
  const times = blocks.map((block) => digits(block?.['Timestamp']))
  const noTime = times.filter((time) => time === 0n)
  assert.ok(noTime.length > 0 && noTime.length < times.length / 10)
})

test('some transactions fail and say why', () => {
  const statuses = transfers.map(({ Transaction }) => Transaction?.['Status'])
  const failures = statuses.filter((status) => field(status?.['Success']) === 'false')
  assert.ok(failures.length > 50)
  for (const failure of failures) assert.match(field(failure?.['ErrorMessage']), /custom program/)
})

test('names that are not ASCII or need escapes occur', () => {
  const names = new Set(transfers.map(({ Transfer }) => field(Transfer?.['Currency']?.['Name'])))
  assert.ok(names.has('柴犬') && names.has('Café "Blend"'))
})

test('event ids are unique, enumerable, and identify the message', () => {
  const synthesizer = createSynthesizer({ seed: 9, stream: 'solana', messageBytes: 20_000 })
  const identity = createSolanaIdentity(9)
  const all = new Set<string>()
  let events = 0
  for (let made = 0; made < 200; made++) {
    const message = synthesizer.next()
    const found = parseExact(textOf(message)).map(
      ({ Transaction, Transfer }) =>
        `${field(Transaction?.['Signature'])}:${digits(Transfer?.['InstructionIndex'])}`,
    )
    assert.deepEqual(synthesizer.eventIds(message.index), found)
    assert.equal(found.length, message.events)
    for (const id of found) {
      all.add(id)
      assert.equal(identity.find(id.split(':')[0] ?? '')?.index, message.index)
    }
    events += found.length
  }
  assert.equal(all.size, events)
  assert.ok(new Set([...all].map((id) => id.split(':')[0])).size < events, 'no shared signature')
  assert.equal(identity.find('A'.repeat(88)), undefined)
})
