import assert from 'node:assert/strict'
import test from 'node:test'
import { evmText, solanaText, tronText } from '../../../src/decode/addresses/text.ts'
import { canonicalAddress } from '../../../src/kernel/address.ts'
import { createRandom } from '../../support/random.ts'

const USDT = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'
const USDT_HEX = '41a614f803b6fd780986a42c78ec9c7f77e6ded13c'

test('every text of an address is the one that events have', () => {
  const checksummed = '0xdAC17F958D2ee523a2206206994597C13D831ec7'
  const evm = checksummed.toLowerCase()
  for (const text of [evm, checksummed, `0X${evm.slice(2).toUpperCase()}`]) {
    assert.equal(canonicalAddress(text), evm)
  }
  for (const text of [USDT, USDT_HEX, USDT_HEX.toUpperCase(), `0x${USDT_HEX}`]) {
    assert.equal(canonicalAddress(text), USDT)
  }
  const solana = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
  assert.equal(canonicalAddress(solana), solana)
})

test('what is no address of these stays as it is', () => {
  for (const text of ['SOL', '', '0x12', USDT.toLowerCase(), `42${USDT_HEX.slice(2)}`]) {
    assert.equal(canonicalAddress(text), text)
  }
})

test('bytes of any address are found again by each of its texts', () => {
  const random = createRandom(1)
  for (let count = 0; count < 200; count++) {
    const bytes = random.bytes(20)
    const [evm, tron] = [evmText(bytes, 0, 20), tronText(bytes, 0, 20)]
    assert.equal(canonicalAddress(evm.toUpperCase()), evm)
    assert.equal(canonicalAddress(`41${bytes.toString('hex')}`), tron)
    assert.equal(canonicalAddress(tron), tron)
    const key = solanaText(random.bytes(32), 0, 32)
    assert.equal(canonicalAddress(key), key)
  }
})
