import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAddress } from '../../../../src/broker/connection/address.ts'
import { openLink } from '../../../../src/broker/connection/link.ts'
import { metadataApi } from '../../../../src/broker/protocol/index.ts'
import { createCapturedLog, useOwnKafka } from '../../harness.ts'
import { secured, writeSecrets } from './secured.ts'

const [SHA_256, SHA_512] = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

interface User {
  readonly username: string
  readonly mechanism: typeof SHA_256 | typeof SHA_512
  readonly password: string
}

/** As Kafka's own tool stores them. */
const USERS: readonly User[] = [
  { username: 'reader', mechanism: SHA_512, password: 'a=b,c==,=2C,=3D' },
  { username: 'tail=', mechanism: SHA_256, password: '=,' },
  { username: 'comma,equals=and=2C', mechanism: SHA_512, password: 'common' },
  { username: 'blank in it', mechanism: SHA_256, password: ' blanks at the ends ' },
  { username: 'letters', mechanism: SHA_512, password: 'pä߀ 密码 \u{1f511} e\u0301 ﬁ \u00a0!' },
]

const embedded = useOwnKafka({}, async ({ kafka }) => {
  await writeSecrets(kafka)
  for (const { username, mechanism, password } of USERS) {
    // A file of properties, as the encoding of arguments is the machine's; `writeFile` in ASCII.
    const properties = join(kafka.folder, 'user.properties')
    await writeFile(properties, `${mechanism}=iterations=4096,password=${escaped(password)}`)
    const alter = ['--alter', '--entity-type', 'users', '--entity-name', username]
    const made = await kafka.tools.configs([...alter, '--add-config-file', properties])
    assert.equal(made.code, 0, made.stderr)
  }
})

function escaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16))
  return units.map((unit) => `\\u${unit.padStart(4, '0')}`).join('')
}

for (const { username, mechanism, password } of USERS) {
  test(`${mechanism}, the user "${username}" with the password "${password}"`, async (t) => {
    const passwordFile = join(embedded.kafka.folder, 'own-password')
    await writeFile(passwordFile, `\ufeff${password}\r\n\n`)
    const login = { mechanism, username, passwordFile }
    const options = secured(embedded.kafka, embedded.kafka.brokers.saslSslSan, {}, login)
    const open = openLink(parseAddress(options.brokers[0] ?? ''), options, createCapturedLog())
    t.after(() => open.close())
    assert.equal((await open.send(metadataApi, { topics: [] })).brokers.length, 1)
  })
}
