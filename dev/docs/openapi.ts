import { fastify } from 'fastify'
import { addApi } from '../../src/http/api/api.ts'
import { createAuthorization } from '../../src/http/authorization.ts'
import { silentLog as log } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/kernel/time/clock.ts'

const TOKEN = 'only-for-this-document'

/** The whole text of docs/openapi.json: what the service serves at /api/v1/openapi.json. */
export async function renderOpenApi(): Promise<string> {
  const app = fastify()
  const readTokens = () => [{ name: 'docs', right: 'read' as const, token: TOKEN }]
  const never = () => {
    throw new Error('only the document is asked for')
  }
  addApi(app, {
    admin: { readTokens, knows: never, pause: never, resume: never },
    status: { status: never },
    overview: { overview: never },
    pods: { reports: never, look: never },
    tap: null,
    offsets: { groups: [], withControl: never, target: never, move: never },
    letters: { kinds: never, plan: never, begin: never, work: never, cancel: never },
    authorization: createAuthorization({ readTokens, clock: systemClock, log }),
    clock: systemClock,
    log,
  })
  const headers = { authorization: `Bearer ${TOKEN}` }
  const answer = await app.inject({ url: '/api/v1/openapi.json', headers })
  await app.close()
  return `${JSON.stringify(answer.json(), null, 2)}\n`
}
