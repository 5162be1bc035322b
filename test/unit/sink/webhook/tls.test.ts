import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import test from 'node:test'
import { createAuthority, issueServerCertificate } from '../../../../dev/kafka/certificates.ts'
import { createPoster } from '../../../../src/sink/webhook/post.ts'
import { listen } from '../../../support/servers/listen.ts'

test('TLS is verified: the chain, by the own authority or that of Node, and the name', async (t) => {
  const ca = await createAuthority('webhook-ca')
  const other = await createAuthority('other-ca')
  const pair = await issueServerCertificate({ ca, commonName: 'hook', sans: ['localhost'] })
  const server = createServer({ cert: pair.certificate, key: pair.key }, (_, response) => {
    response.end('ok')
  })
  const port = await listen(t, server)
  const poster = createPoster({ allowPrivate: true, connectTimeout: 10_000, timeout: 10_000 })
  t.after(() => poster.close())
  const post = (host: string, authority?: string) =>
    poster.post({
      ...{ url: new URL(`https://${host}:${port}/`), headers: {}, body: Buffer.from('{}') },
      ca: authority,
    })
  const refused = (text: RegExp) => (error: Error) => {
    assert.match(error.message, text)
    return 'code' in error && error.code === 'OCC_WEBHOOK'
  }
  assert.equal((await post('localhost', ca.certificate)).status, 200)
  await assert.rejects(post('localhost'), refused(/unable to verify/))
  await assert.rejects(post('localhost', other.certificate), refused(/unable to verify|signature/))
  await assert.rejects(post('127.0.0.1', ca.certificate), refused(/does not match/))
})
