import { readAdminToken } from '../../config/admin-tokens.ts'
import { CodedError, messageOf, OccError } from '../../kernel/errors.ts'
import { usageError } from '../arguments.ts'

const TIMEOUT_MS = 10_000
/** Bytes of an answer: that of a service with very many partitions. */
const MAX_BYTES = 64 * 1024 * 1024

export interface Answer {
  readonly status: number
  readonly body: object
}

/** Addresses of services: the value of `--url`. Throws OCC_USAGE. */
export function serviceUrls(text: string | undefined): readonly URL[] {
  if (text === undefined) {
    throw usageError(
      '--url is missing; give http://HOST:PORT of the service (http.port), or --release NAME',
    )
  }
  return text.split(',').map((part) => {
    const url = URL.canParse(part) ? new URL(part) : null
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw usageError(`--url is ${part}; give http://HOST:PORT`)
    }
    // fetch refuses them, with a message that shows the password.
    if (url.username === '' && url.password === '') return url
    throw usageError(`--url names a user of ${url.host}; give http://HOST:PORT without credentials`)
  })
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

/** The object that a service answers, whatever its status. Rejects with OCC_ADMIN_UNREACHABLE. */
export async function getJson(url: URL, path: string): Promise<Answer> {
  const { status, text } = await getText(url, path)
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return { status, body }
  } catch {
    // Said below.
  }
  throw somethingElse(url, path, `${status} without JSON`)
}

/** @param answer what no service would answer */
export function somethingElse(url: URL, path: string, answer: string): OccError {
  return new OccError(
    'OCC_ADMIN_UNREACHABLE',
    `${new URL(path, url)} answers ${answer}: this is not onchain-consumer. Check --url`,
  )
}

/** Rejects with OCC_ADMIN_UNREACHABLE. */
export function getText(url: URL, path: string): Promise<Answered> {
  const address = new URL(path, url)
  return send(address, `${address} `)
}

export interface Asked {
  /** Default: GET. */
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly token?: string
  /** Sent as JSON. */
  readonly body?: object | undefined
}

export interface Answered {
  readonly status: number
  readonly ok: boolean
  readonly text: string
}

/**
 * One request. A redirect is an error: it would carry a token elsewhere.
 * @param who begins the message of OCC_ADMIN_UNREACHABLE @param timeout milliseconds
 */
export async function send(
  url: URL,
  who: string,
  { method = 'GET', token, body }: Asked = {},
  timeout = TIMEOUT_MS,
): Promise<Answered> {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    })
    if (Number(response.headers.get('content-length') ?? 0) > MAX_BYTES) {
      throw new Error('the answer is too large')
    }
    const { status, ok } = response
    return { status, ok, text: await response.text() }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new OccError(
      'OCC_ADMIN_UNREACHABLE',
      `${who}does not answer: ${messageOf(cause)}; does the service listen there (http.port)?`,
      { cause: error },
    )
  }
}

/** The fields of a JSON object; none if it is no such thing. */
export function fieldsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch {
    return {}
  }
}
