import assert from 'node:assert/strict'
import test from 'node:test'
import {
  createProgressBar,
  formatBytes,
  formatCount,
  formatDuration,
  paint,
  table,
} from '../../../../src/cli/terminal/terminal.ts'
import { fakeStream } from '../../../support/fake-io.ts'

test('formats counts, sizes and durations', () => {
  assert.equal(formatCount(1234567), '1,234,567')
  assert.equal(formatCount(0.4), '0')
  const sizes = [0, 999, 999.7, 1000, 9_996, 45_600_000, 999_600, 1.5e15].map(formatBytes)
  assert.deepEqual(sizes, [
    '0 B',
    '999 B',
    '1.00 kB',
    '1.00 kB',
    '10.0 kB',
    '45.6 MB',
    '1.00 MB',
    '1500 TB',
  ])
  const durations = [0, 850, 999.6, 4200, 59_970, 65_000, 3_599_600, 7_380_000, 273_600_000]
  assert.deepEqual(durations.map(formatDuration), [
    '0 ms',
    '850 ms',
    '1.0 s',
    '4.2 s',
    '1m 00s',
    '1m 05s',
    '1h 00m',
    '2h 03m',
    '3d 04h',
  ])
  assert.equal(formatDuration(Number.POSITIVE_INFINITY), 'unknown')
})

test('aligns words left and numbers right in a table, with colours and wide characters', () => {
  const red = paint(fakeStream(true), {})('red', 'lag')
  assert.equal(
    table(
      [
        [red, '7', 'x'],
        ['柴犬', '1,234', ''],
      ],
      { header: ['name', 'count', 'note'] },
    ),
    ['name  count  note', '────  ─────  ────', `${red}       7  x`, '柴犬  1,234'].join('\n'),
  )
  assert.equal(table([]), '')
  assert.equal(table([['a', 'b'], ['ccc']]), 'a    b\nccc')
})

test('uses colours only on a terminal, and respects NO_COLOR and FORCE_COLOR', () => {
  const shown = (isTTY: boolean, env: Record<string, string>) =>
    paint(fakeStream(isTTY), env)('green', 'ok') !== 'ok'
  assert.equal(shown(true, {}), true)
  assert.equal(shown(false, {}), false)
  assert.equal(shown(true, { NO_COLOR: '1' }), false)
  assert.equal(shown(true, { NO_COLOR: '' }), true)
  assert.equal(shown(false, { FORCE_COLOR: '1' }), true)
  assert.equal(shown(true, { FORCE_COLOR: '0' }), false)
  assert.equal(shown(true, { FORCE_COLOR: '1', NO_COLOR: '1' }), true)
  assert.equal(shown(true, { TERM: 'dumb' }), false)
})

function barOn(isTTY: boolean, total?: number, columns?: number) {
  let now = 1000
  const stream = fakeStream(isTTY, columns)
  const clock = { monotonic: () => now }
  const bar = createProgressBar(stream, { label: 'sending', total, clock })
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { stream, bar, pass }
}

test('redraws one line on a terminal, at most ten times a second', () => {
  const { stream, bar, pass } = barOn(true, 1000)
  bar.update(1)
  assert.equal(stream.written(), '')
  pass(1000)
  bar.update(250, 1_000_000)
  bar.update(260, 1_010_000)
  assert.equal(
    stream.written(),
    '\r\x1b[Ksending  ━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  25%  250/1,000  250/s  1.00 MB  ETA 3.0 s',
  )
  pass(3000)
  bar.update(1000, 4_000_000)
  bar.finish()
  assert.match(stream.written(), /100% {2}1,000\/1,000 .* in 4\.0 s\n$/)
  assert.equal(stream.written().split('\n').length, 2)
})

test('drops the bar on a narrow terminal, and wraps no line', () => {
  const drawn = (columns: number) => {
    const { stream, bar, pass } = barOn(true, 1000, columns)
    pass(1000)
    bar.update(500)
    return stream.written().replace('\r\x1b[K', '')
  }
  const figures = '50%  500/1,000  500/s  ETA 1.0 s'
  assert.equal(drawn(52), `sending  ━━━━╌╌╌╌  ${figures}`)
  assert.equal(drawn(51), `sending  ${figures}`)
  assert.equal(drawn(20), `sending  ${figures}`.slice(0, 19))
})

test('writes a plain line every five seconds and at the end elsewhere', () => {
  const { stream, bar, pass } = barOn(false)
  for (let second = 1; second <= 12; second++) {
    pass(1000)
    bar.update(second * 100, second * 2000)
  }
  bar.finish()
  assert.deepEqual(stream.written().split('\n'), [
    'sending  500  100/s  10.0 kB  5.0 s',
    'sending  1,000  100/s  20.0 kB  10.0 s',
    'sending  1,200  100/s  24.0 kB  12.0 s',
    '',
  ])
})

test('shows the rate of recent seconds, not of the whole run', () => {
  const { stream, bar, pass } = barOn(false)
  pass(60_000)
  bar.update(60_000)
  pass(30_000)
  bar.update(60_000)
  assert.match(stream.written().split('\n')[0] ?? '', /1,000\/s/)
  assert.match(stream.written().split('\n')[1] ?? '', / 0\/s/)
})
