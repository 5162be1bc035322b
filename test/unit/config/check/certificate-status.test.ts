import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { createAuthority, issueClientCertificate } from '../../../../dev/kafka/certificates.ts'
import { readCertificates } from '../../../../src/config/check/certificate-status.ts'
import { folder } from '../support.ts'

test('the files are read as they are now: own certificate, chain, authorities', async (t) => {
  const [ca, other] = await Promise.all([createAuthority('ca'), createAuthority('other')])
  const client = await issueClientCertificate({ ca, commonName: 'client' })
  const path = folder(t, {
    'ca.crt': `${ca.certificate}\n${other.certificate}\n${ca.certificate}`,
    'tls.crt': client.certificate + ca.certificate,
  })
  const files = { caFile: join(path, 'ca.crt'), certificateFile: join(path, 'tls.crt') }
  const read = () => readCertificates(files).map(({ name, subject }) => `${name} ${subject}`)
  assert.deepEqual(read(), ['client CN=client', 'client CN=ca', 'ca CN=ca', 'ca CN=other'])
  for (const { notAfter } of readCertificates(files)) assert.ok(notAfter > Date.now())
  writeFileSync(files.caFile, other.certificate)
  writeFileSync(files.certificateFile, 'half a file')
  assert.deepEqual(read(), ['ca CN=other'])
})

test('no TLS, or a file that is gone: nothing, and no error', () => {
  assert.deepEqual(readCertificates(undefined), [])
  assert.deepEqual(readCertificates({ caFile: '/nowhere/ca.crt' }), [])
})
