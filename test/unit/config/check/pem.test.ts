import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import test, { before, type TestContext } from 'node:test'
import { connect, createServer } from 'node:tls'
import {
  createAuthority,
  createNonAuthority,
  type Issuer,
  issueClientCertificate,
} from '../../../../dev/kafka/certificates.ts'
import { checkPem } from '../../../../src/config/check/pem.ts'
import type { PemFiles } from '../../../../src/config/check/pem-certificates.ts'
import { configOf, folder, loadEnv, MIN, textOf } from '../support.ts'

const DAY = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * DAY)

let ca: Issuer
let client: Issuer
let other: Issuer

before(async () => {
  ca = await createAuthority('ca')
  client = await issueClientCertificate({ ca, commonName: 'client' })
  other = await issueClientCertificate({ ca, commonName: 'other' })
})

function encrypted(key: string, passphrase: string): string {
  const cipher = 'aes-256-cbc'
  return String(createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher, passphrase }))
}

/** The three files with these contents, under the names that cert-manager uses. */
function files(t: TestContext, contents: Readonly<Record<string, string>> = {}): PemFiles {
  const all = {
    'ca.crt': ca.certificate,
    'tls.crt': client.certificate,
    'tls.key': client.key,
    ...contents,
  }
  const path = folder(t, all)
  return {
    caFile: join(path, 'ca.crt'),
    certificateFile: join(path, 'tls.crt'),
    keyFile: join(path, 'tls.key'),
    keyPassphraseFile: 'passphrase' in all ? join(path, 'passphrase') : undefined,
  }
}

function check(paths: PemFiles, now?: Date) {
  const said = checkPem(paths, now)
  const short = (list: typeof said.problems) =>
    list.map(({ key, message }) => `${key.replace('kafka.tls.', '')} ${message}`)
  return { problems: short(said.problems), warnings: short(said.warnings) }
}

test('good files have no problem, also as a bundle and with text between', (t) => {
  assert.deepEqual(check(files(t)), { problems: [], warnings: [] })
  const bundle = `# authorities\n${ca.certificate}\ntext\r\n${ca.certificate}`
  assert.deepEqual(check(files(t, { 'ca.crt': bundle })), { problems: [], warnings: [] })
  const both = `${client.key}${client.certificate}`
  assert.deepEqual(check(files(t, { 'tls.crt': both, 'tls.key': both })).problems, [])
})

test('files that are missing, directories, or forbidden are told apart', (t) => {
  const paths = files(t)
  assert.deepEqual(check({ caFile: `${paths.caFile}.old` }).problems, [
    'caFile names a file that does not exist',
  ])
  const directory = join(folder(t), 'inside')
  mkdirSync(directory)
  assert.deepEqual(check({ caFile: directory }).problems, ['caFile names a directory, not a file'])
})

test('a file that this user may not read is a problem', {
  skip: process.getuid?.() === 0 ? 'root may read all' : false,
}, (t) => {
  const paths = files(t)
  chmodSync(String(paths.keyFile), 0)
  assert.deepEqual(check(paths).problems, ['keyFile names a file that this user may not read'])
})

test('a file that is not PEM is a problem', (t) => {
  const paths = files(t, { 'ca.crt': 'DER', 'tls.crt': '', 'tls.key': 'nothing' })
  assert.deepEqual(check(paths).problems, [
    'caFile is not a PEM certificate',
    'certificateFile is not a PEM certificate',
    'keyFile is not a PEM private key',
  ])
  const damaged = (text: string) => text.replace(/^(.*\n)[^\n]{20}/, '$1AAAAAAAAAAAAAAAAAAAA')
  const broken = files(t, {
    'tls.crt': damaged(client.certificate),
    'tls.key': damaged(client.key),
  })
  assert.deepEqual(check(broken).problems, [
    'certificateFile holds a certificate that cannot be parsed',
    'keyFile holds a private key that cannot be parsed',
  ])
})

test('certificate and key swapped are one problem with one hint', (t) => {
  const paths = files(t, { 'tls.crt': client.key, 'tls.key': client.certificate })
  const { problems } = checkPem(paths)
  assert.deepEqual(
    problems.map(({ remedy }) => remedy),
    ['swap the two paths'],
  )
})

test('a key or a certificate in the wrong place is reported with what is there', (t) => {
  assert.deepEqual(check(files(t, { 'ca.crt': client.key })).problems, [
    'caFile holds a private key and no certificate',
  ])
  assert.deepEqual(check(files(t, { 'tls.key': client.certificate })).problems, [
    'keyFile holds a certificate and no key',
  ])
})

test('a key of another certificate is a problem', (t) => {
  assert.deepEqual(check(files(t, { 'tls.key': other.key })).problems, [
    'keyFile does not belong to the certificate in kafka.tls.certificateFile (CN=client)',
  ])
})

test('a client certificate in the place of the authority is a problem', (t) => {
  assert.deepEqual(check(files(t, { 'ca.crt': client.certificate })).problems, [
    'caFile is not an authority (CN=client, issued by CN=ca)',
  ])
})

test('a self-signed broker certificate as the authority is a warning, because TLS accepts it', async (t) => {
  const pinned = await createNonAuthority('localhost')
  const { problems, warnings } = check(files(t, { 'ca.crt': pinned.certificate }))
  assert.deepEqual(problems, [])
  assert.match(warnings.join(), /is not an authority .*verifies only the broker that has this very/)

  const server = createServer({ key: pinned.key, cert: pinned.certificate })
  t.after(() => server.close())
  await once(server.listen(0), 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const socket = connect({ port: address.port, ca: pinned.certificate, servername: 'localhost' })
  await once(socket, 'secureConnect')
  assert.equal(socket.authorized, true)
  socket.destroy()
})

test('certificates that have expired or are not valid yet are problems', async (t) => {
  const old = await issueClientCertificate({
    ca,
    commonName: 'old',
    notBefore: inDays(-9),
    notAfter: inDays(-1),
  })
  const paths = files(t, { 'tls.crt': old.certificate, 'tls.key': old.key })
  assert.match(check(paths).problems.join(), /^certificateFile expired on .* \(CN=old\)$/)
  assert.match(
    check(files(t), inDays(-5)).problems.join(),
    /^caFile is not valid before .*,certificateFile is not valid before /,
  )
})

test('a certificate that expires within 14 days is a warning', async (t) => {
  const soon = await createAuthority('soon', { notAfter: inDays(13.5) })
  const { problems, warnings } = check(files(t, { 'ca.crt': soon.certificate }))
  assert.deepEqual(problems, [])
  assert.match(warnings.join(), /^caFile expires in 13 days, on .* \(CN=soon\)$/)
})

test('an expired authority next to a valid one is a warning: bundles hold both during a change', async (t) => {
  const old = await createAuthority('old', { notBefore: inDays(-9), notAfter: inDays(-1) })
  const bundle = files(t, { 'ca.crt': old.certificate + ca.certificate })
  assert.deepEqual(check(bundle).problems, [])
  assert.match(check(bundle).warnings.join(), /caFile expired/)
  assert.match(check(files(t, { 'ca.crt': old.certificate })).problems.join(), /expired on/)
})

test('an encrypted key needs its passphrase', (t) => {
  const key = encrypted(client.key, 'open sesame')
  assert.deepEqual(check(files(t, { 'tls.key': key })).problems, [
    'keyFile is encrypted, and there is no passphrase',
  ])
  const right = files(t, { 'tls.key': key, passphrase: 'open sesame\n' })
  assert.deepEqual(check(right).problems, [])
  const wrong = files(t, { 'tls.key': key, passphrase: 'hunter2' })
  assert.deepEqual(check(wrong).problems, [
    'keyFile cannot be decrypted with the passphrase in kafka.tls.keyPassphraseFile',
  ])
})

test('the files are checked with everything else, their problems name the variable', (t) => {
  const paths = files(t, { 'tls.key': other.key })
  const result = loadEnv({
    ...MIN,
    KAFKA_SECURITY_PROTOCOL: 'SSL',
    KAFKA_SSL_CA_LOCATION: paths.caFile,
    KAFKA_SSL_CERTIFICATE_LOCATION: paths.certificateFile,
    KAFKA_SSL_KEY_LOCATION: paths.keyFile,
    HTTP_PORT: 'x',
  })
  assert.match(textOf(result), /^2 problems/)
  assert.match(textOf(result), /kafka\.tls\.keyFile = "\S+" \(from KAFKA_SSL_KEY_LOCATION\)/)
})

test('half a client certificate is a problem; relative paths begin in the working directory', (t) => {
  const path = folder(t, { 'ca.crt': ca.certificate, 'tls.crt': client.certificate })
  const env = { ...MIN, KAFKA_SECURITY_PROTOCOL: 'SSL', KAFKA_SSL_CA_LOCATION: 'ca.crt' }
  const config = configOf(loadEnv(env, { cwd: path }))
  assert.equal(config.kafka.tls?.caFile, join(path, 'ca.crt'))
  const half = loadEnv({ ...env, KAFKA_SSL_CERTIFICATE_LOCATION: 'tls.crt' }, { cwd: path })
  assert.match(
    textOf(half),
    /kafka\.tls\.keyFile\n\s+is missing, and kafka\.tls\.certificateFile is set/,
  )
})
