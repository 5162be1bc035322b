// `onchain-consumer read`, with the form of READ_FORM, into /dev/null, until it has printed COUNT records.
import { openSync, writeSync } from 'node:fs'
import { main } from '../../src/cli/index.ts'
import { type Report, readTask } from './measure.ts'

const { READ_FORM = '--json' } = process.env
const { brokers, topic, count } = readTask()
const nowhere = openSync('/dev/null', 'w')
// Node writes to files at once, too.
const stdout = {
  write(text: string | Uint8Array, done?: () => void) {
    writeSync(nowhere, typeof text === 'string' ? Buffer.from(text) : text)
    done?.()
  },
}
const io = { stdout, stderr: process.stderr, env: {} }
const cpuBefore = process.cpuUsage()
const started = performance.now()
const args = ['read', topic, '--brokers', brokers, '--count', String(count), READ_FORM]
const code = await main(args, io)
const cpu = process.cpuUsage(cpuBefore)
const report: Report = {
  records: count,
  seconds: (performance.now() - started) / 1000,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  residentMiB: process.resourceUsage().maxRSS / 1024,
}
console.log(JSON.stringify(report))
process.exit(code)
