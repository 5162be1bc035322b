import { messageOf, OccError } from '../../kernel/errors.ts'
import { usageError } from '../arguments.ts'

const TIMEOUT_MS = 10_000
/** Bytes of an answer: that of a service with very many partitions. */
const MAX_BYTES = 64 * 1024 * 1024

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Addresses of services; throws OCC_USAGE. */
export function serviceUrls(text: string | undefined): readonly URL[] {
  if (text === undefined) {
    throw usageError('--url is missing; give http://HOST:PORT of the service (http.port)')
  }
  return text.split(',').map((part) => {
    const url = URL.canParse(part) ? new URL(part) : null
    if (url !== null && /^https?:$/.test(url.protocol)) return url
    throw usageError(`--url is ${part}; give http://HOST:PORT`)
  })
}

/** The JSON that a service answers, whatever its status. Rejects with OCC_ADMIN_UNREACHABLE. */
export async function getJson(url: URL, path: string): Promise<Answer> {
  const { status, text } = await getText(url, path)
  try {
    return { status, body: JSON.parse(text) }
  } catch {
    throw new OccError(
      'OCC_ADMIN_UNREACHABLE',
      `${new URL(path, url)} answers ${status} without JSON: this is not onchain-consumer. Check --url`,
    )
  }
}

/** Rejects with OCC_ADMIN_UNREACHABLE. */
export async function getText(url: URL, path: string): Promise<{ status: number; text: string }> {
  const address = new URL(path, url)
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(address, { redirect: 'error', signal })
    if (Number(response.headers.get('content-length') ?? 0) > MAX_BYTES) {
      throw new Error('the answer is too large')
    }
    return { status: response.status, text: await response.text() }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new OccError(
      'OCC_ADMIN_UNREACHABLE',
      `${address} does not answer: ${messageOf(cause)}; does the service listen there (http.port)?`,
      { cause: error },
    )
  }
}
