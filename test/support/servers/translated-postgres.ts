import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { EmbeddedPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/**
 * A file with the URL of the database, whose server says the severity of its errors in another
 * language, as with `lc_messages`. Gone with the test.
 */
export async function translatedPostgres(
  t: TestContext,
  postgres: Pick<EmbeddedPostgres, 'port' | 'url'>,
): Promise<string> {
  const server = createServer((client) => {
    const upstream = connect(postgres.port, '127.0.0.1')
    client.pipe(upstream)
    // The translated field only, and a word of the same length: the sizes in front stay true.
    upstream.on('data', (data) => {
      client.write(
        Buffer.from(data.toString('latin1').replaceAll('SERROR\0', 'SFEHLR\0'), 'latin1'),
      )
    })
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    for (const socket of [client, upstream]) socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = new URL(postgres.url)
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const file = join(temporaryFolder(t), 'url')
  writeFileSync(file, url.href)
  return file
}
