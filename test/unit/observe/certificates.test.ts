import assert from 'node:assert/strict'
import test from 'node:test'
import { createCertificateWatch } from '../../../src/observe/certificates.ts'
import type { CertificateStatus } from '../../../src/observe/types.ts'
import { createCapturedLog } from '../../support/captured-log.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

function setUp(...initial: CertificateStatus[]) {
  let files = initial
  let now = 1_000 * DAY
  let reads = 0
  const log = createCapturedLog()
  const clock = { now: () => now, monotonic: () => now }
  const read = () => {
    reads += 1
    return files
  }
  const watch = createCertificateWatch(read, clock, log)
  return {
    watch,
    reads: () => reads,
    replace: (...others: CertificateStatus[]) => {
      files = others
    },
    /** Lets time pass, checks, and gives what was logged. */
    said(milliseconds: number) {
      now += milliseconds
      log.lines.length = 0
      watch.check()
      return log.lines.map(({ level, fields, text }) => `${level} ${fields.event} ${text}`)
    },
  }
}

function client(days: number): CertificateStatus {
  return { name: 'client', subject: 'CN=me', notAfter: (1_000 + days) * DAY }
}

function authority(days: number, subject = 'CN=ca'): CertificateStatus {
  return { name: 'ca', subject, notAfter: (1_000 + days) * DAY }
}

test('a certificate that expires within 14 days is a warning once a day, and an error once it has', () => {
  const { said } = setUp(client(15), authority(400))
  assert.deepEqual(said(0), [])
  const [warning, ...more] = said(DAY + HOUR)
  assert.match(warning ?? '', /^warn certificate\.expiring .*CN=me.* expires in 13 days, on 19/)
  assert.deepEqual(more, [])
  assert.deepEqual(said(HOUR), [])
  assert.equal(said(DAY).length, 1)
  assert.equal(said(13 * DAY - 3 * HOUR).length, 1)
  const [expired] = said(2 * HOUR)
  assert.match(expired ?? '', /^error certificate\.expired .*CN=me.* expired on/)
  assert.deepEqual(said(HOUR), [])
})

test('an expired authority is a warning while another one in the bundle is valid', () => {
  assert.match(setUp(authority(-1), authority(99, 'CN=new')).said(0).join(), /^warn \S+expired/)
  assert.match(setUp(authority(-1)).said(0).join(), /^error \S+expired/)
})

test('a renewed file is detected without a restart, and ends the warnings', () => {
  const { said, replace, watch } = setUp(client(3))
  assert.equal(said(0).length, 1)
  replace(client(90))
  const lines = said(HOUR)
  assert.match(lines.join(), /^info certificate\.renewed .*CN=me.* was renewed/)
  assert.equal(watch.certificates()[0]?.notAfter, 1_090 * DAY)
  assert.deepEqual(said(DAY), [])
})

test('many scrapes at once read the files once', () => {
  const { watch, reads, said } = setUp(client(90))
  for (let scrape = 0; scrape < 50; scrape++) watch.certificates()
  assert.equal(reads(), 1)
  said(5_000)
  assert.equal(reads(), 2)
})
