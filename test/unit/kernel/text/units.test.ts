import assert from 'node:assert/strict'
import test from 'node:test'
import {
  formatBytes,
  formatDuration,
  parseBytes,
  parseDuration,
} from '../../../../src/kernel/text/units.ts'

test('durations are milliseconds or human forms', () => {
  assert.equal(parseDuration(1500), 1500)
  assert.equal(parseDuration('1500'), 1500)
  assert.equal(parseDuration('500ms'), 500)
  assert.equal(parseDuration('45s'), 45_000)
  assert.equal(parseDuration(' 5 m '), 300_000)
  assert.equal(parseDuration('2min'), 120_000)
  assert.equal(parseDuration('1.1s'), 1100)
  assert.equal(parseDuration('1h'), 3_600_000)
  assert.equal(parseDuration('1d'), 86_400_000)
})

test('what is not a duration is not guessed', () => {
  for (const wrong of ['', 's', '5 parsecs', '-1s', '1m30s', '0.5ms', '1e3', -1, Number.NaN]) {
    assert.equal(parseDuration(wrong), undefined, String(wrong))
  }
})

test('what no number holds is too long, not unreadable', () => {
  for (const endless of ['99999999999h', '9007199254740993', Number.POSITIVE_INFINITY, 1e300]) {
    assert.equal(parseDuration(endless), Number.POSITIVE_INFINITY, String(endless))
  }
  assert.equal(parseDuration(-1e300), undefined)
  assert.equal(parseBytes('9999999TiB'), Number.POSITIVE_INFINITY)
})

test('sizes distinguish decimal and binary units', () => {
  assert.equal(parseBytes('1MB'), 1_000_000)
  assert.equal(parseBytes('8MiB'), 8_388_608)
  assert.equal(parseBytes('64Ki'), 65_536)
  assert.equal(parseBytes('1.5kB'), 1500)
  assert.equal(parseBytes('1TiB'), 1024 ** 4)
  assert.equal(parseBytes(12), 12)
  assert.equal(parseBytes('12 B'), 12)
  assert.equal(parseBytes('1 mebi'), undefined)
  assert.equal(parseBytes('0.3B'), undefined)
})

test('a formatted value parses to the same value', () => {
  for (const value of [0, 1, 999, 1000, 1500, 45_000, 300_000, 7_200_000]) {
    assert.equal(parseDuration(formatDuration(value)), value)
  }
  for (const value of [0, 1, 1023, 1024, 1500, 8_388_608, 1024 ** 3]) {
    assert.equal(parseBytes(formatBytes(value)), value)
  }
  assert.equal(formatDuration(45_000), '45s')
  assert.equal(formatBytes(8_388_608), '8MiB')
})
