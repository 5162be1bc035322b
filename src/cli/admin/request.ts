import { readAdminToken } from '../../config/secrets.ts'
import { CodedError, messageOf, OccError } from '../../kernel/errors.ts'
import { type PauseTarget, pauseTargetName } from '../../kernel/pause-target.ts'
import { type Flags, numberOf, usageError } from '../arguments.ts'
import type { adminFlags } from '../commands/admin-flags.ts'
import type { Io } from '../terminal/io.ts'
import { table } from '../terminal/terminal.ts'

type AdminFlags = Flags<typeof adminFlags>

const TIMEOUT_MS = 10_000

/**
 * Sends the request to each URL and prints what is paused there. Exit code 0 if all succeeded, else
 * 1. Throws OCC_USAGE, or the error of the token's file.
 */
export async function adminRequest(
  action: 'pause' | 'resume',
  flags: AdminFlags,
  io: Io,
): Promise<number> {
  const target = targetOf(flags)
  const urls = urlsOf(flags.url)
  const token = tokenOf(flags['token-file'])
  let failures = 0
  for (const url of urls) {
    try {
      const paused = await send(new URL(`/admin/${action}`, url), token, target)
      io.stdout.write(
        `${url.origin}: ${action}d ${pauseTargetName(target)}\n${pausedText(paused)}\n`,
      )
    } catch (error) {
      failures += 1
      io.stderr.write(`${url.origin}: ${messageOf(error)}\n`)
    }
  }
  return failures === 0 ? 0 : 1
}

function targetOf({ topic, partition, handler }: AdminFlags): PauseTarget {
  if ((topic === undefined) === (handler === undefined)) {
    throw usageError('give either --topic NAME, with or without --partition N, or --handler NAME')
  }
  if (handler !== undefined) {
    if (partition !== undefined) throw usageError('--partition belongs to --topic')
    return { handler }
  }
  if (topic === undefined) throw usageError('--topic is missing')
  if (partition === undefined) return { topic }
  return { topic, partition: numberOf('--partition', partition, { min: 0, integer: true }) }
}

/** The token in the file of `--token-file`. */
export function tokenOf(file: string | undefined): string {
  if (file === undefined) throw usageError('--token-file is missing; name the file')
  try {
    return readAdminToken(file)
  } catch (error) {
    if (!(error instanceof OccError)) throw error
    throw new CodedError(error.code, `--token-file ${messageOf(error)}`, { cause: error })
  }
}

/** The addresses of `--url`. */
export function urlsOf(text: string | undefined): URL[] {
  if (text === undefined) {
    throw usageError('--url is missing; give http://HOST:PORT of the service (http.port)')
  }
  return text.split(',').map((part) => {
    const url = URL.canParse(part) ? new URL(part) : null
    if (url !== null && /^https?:$/.test(url.protocol)) return url
    throw usageError(`--url is ${part}; give http://HOST:PORT`)
  })
}

async function send(url: URL, token: string, target: PauseTarget): Promise<readonly object[]> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  // A redirect would carry the token elsewhere.
  const options = { method: 'POST', headers, redirect: 'error' } as const
  let response: Response
  let text: string
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    response = await fetch(url, { ...options, body: JSON.stringify(target), signal })
    text = await response.text()
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const why = `does not answer: ${messageOf(cause)}; does the service listen there (http.port)?`
    throw new OccError('OCC_ADMIN_UNREACHABLE', why, { cause: error })
  }
  const body = parse(text)
  if (response.ok && Array.isArray(body['paused'])) return body['paused']
  const said = typeof body['error'] === 'string' ? body['error'] : 'this is not onchain-consumer'
  throw new OccError('OCC_ADMIN_REFUSED', `answers ${response.status}: ${said}`)
}

function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch {
    return {}
  }
}

function pausedText(paused: readonly object[]): string {
  if (paused.length === 0) return 'Nothing is paused.'
  const cell = (row: object, name: string) => String(Reflect.get(row, name) ?? '')
  const names = ['topic', 'partition', 'handler']
  const rows = paused.map((row) => names.map((name) => cell(row, name)))
  return table(rows, { header: ['Paused topic', 'Partition', 'Handler'] })
}
