// node_modules/.bin/node bench/crc.ts: ways to compute CRC-32C beside each other.
import { randomFillSync } from 'node:crypto'
import { crcContestants } from './crc/contestants.ts'
import { samplesOf, spread } from './decode/measure.ts'
import { count, readFlags } from './flags.ts'

const turns = readFlags(
  'node_modules/.bin/node bench/crc.ts',
  {
    rounds: { value: 'N', about: 'of each; default: 7' },
    milliseconds: { value: 'N', about: 'of each round; default: 50' },
  },
  ({ rounds, milliseconds }) => ({
    rounds: count('rounds', rounds, 7),
    milliseconds: count('milliseconds', milliseconds, 50),
  }),
)

const rows: Record<string, Record<string, string>> = {}
let kept = 0
for (const kilobytes of [1, 16, 256, 1024]) {
  const bytes = randomFillSync(Buffer.allocUnsafeSlow(kilobytes * 1024))
  const expected = crcContestants[0]?.sum(bytes)
  for (const { name, sum, other } of crcContestants) {
    if (other !== true && sum(bytes) !== expected) throw new Error(`${name}: a wrong sum`)
  }
  const passes = Math.ceil(256 / kilobytes)
  const timed = crcContestants.map(({ name, sum }) => ({
    name,
    pass: () => {
      for (let pass = 0; pass < passes; pass++) kept ^= sum(bytes)
    },
  }))
  for (const [name, microseconds] of samplesOf(timed, passes, turns)) {
    rows[name] ??= {}
    rows[name][`${kilobytes} kB`] = spread(microseconds.map((each) => bytes.length / each))
  }
}
console.log('MB (10^6 bytes) a second of CPU: least, median and most of the rounds, in turns')
console.table(rows)
if (kept === 0.5) console.log(kept)
