import { readFile } from 'node:fs/promises'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { secretIn } from '../../kernel/text/secret.ts'
import { type Signable, type SignatureForm, signatureForms } from './signatures.ts'

/** Where requests go, and what they carry. All files are read again for each request. */
export interface ReceiverOptions {
  readonly url?: string | undefined
  readonly urlFile?: string | undefined
  /** A token that the template puts into the URL or the body. */
  readonly tokenFile?: string | undefined
  /** One key a line; several while they are rotated. */
  readonly secretFile?: string | undefined
  readonly signature: SignatureForm
  /** `Name: value` a line. */
  readonly headersFile?: string | undefined
  readonly caFile?: string | undefined
  /** Receivers of the own network, which may be without TLS. */
  readonly allowPrivate: boolean
}

/** What the files say now. */
export interface Receiver {
  readonly url: URL
  readonly token: string
  readonly ca: string | undefined
  /** What no message may show, although the receiver says it; the longest first. */
  readonly secrets: readonly string[]
  /** The headers of a request, signed. */
  headersOf(message: Signable): Record<string, string>
}

/** Rejects with OCC_WEBHOOK_KEY, whose message names the file and never shows what is in it. */
export async function readReceiver(
  options: ReceiverOptions,
  urlOf: (given: string | undefined, token: string) => string | undefined,
): Promise<Receiver> {
  const { urlFile, tokenFile, secretFile, headersFile, caFile, signature } = options
  const [written, token, keys, headers, ca] = await Promise.all(
    [urlFile, tokenFile, secretFile, headersFile, caFile].map(read),
  )
  const url = parseUrl(urlOf(written?.trim() ?? options.url, token?.trim() ?? ''), urlFile)
  if (url.protocol === 'http:' && !options.allowPrivate) {
    throw unusable(
      `The URL of ${url.host} is without TLS. Remedy: write https://, or set allowPrivate: true for a receiver of your own network`,
    )
  }
  const own = headersFile === undefined ? {} : headersIn(headers ?? '', headersFile)
  const [first, ...others] = linesOf(keys ?? '')
  return {
    url,
    token: token?.trim() ?? '',
    ca,
    secrets: secretsOf(url, [token?.trim() ?? '', ...Object.values(own)]),
    headersOf(message) {
      return {
        'webhook-id': message.id,
        'webhook-timestamp': String(message.timestamp),
        ...own,
        ...(first !== undefined && signatureForms[signature](message, [first, ...others])),
      }
    },
  }
}

/** Shorter ones are words. */
const MIN_SECRET = 8

/** A URL may be a secret itself, in its path or its query; many receivers say it when they refuse. */
function secretsOf({ pathname, search, searchParams, password }: URL, others: readonly string[]) {
  const whole = [pathname + search, pathname, password, ...pathname.split('/'), ...others]
  // Of a header, also what is behind its scheme: Bearer.
  const parts = [...searchParams.values(), ...others.flatMap((text) => text.split(' '))]
  return [...new Set([...whole, ...parts])]
    .filter(({ length }) => length >= MIN_SECRET)
    .toSorted((a, b) => b.length - a.length)
}

async function read(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  let text: string
  try {
    text = secretIn(await readFile(path))
  } catch (error) {
    throw unusable(`${path} cannot be read: ${messageOf(error)}`)
  }
  if (text.trim() === '') throw unusable(`${path} is empty`)
  return text
}

function parseUrl(url: string | undefined, file: string | undefined): URL {
  const parsed = url === undefined || !URL.canParse(url) ? null : new URL(url)
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed
  throw unusable(`${file ?? 'url'} holds no URL. Remedy: write https://host/path`)
}

function headersIn(text: string, file: string): Record<string, string> {
  const pairs = linesOf(text).map((line, index) => {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]+)$/.exec(line)
    const [, name = '', value = ''] = match ?? []
    if (match !== null) return [name.toLowerCase(), value.trim()] as const
    throw unusable(`${file}, line ${index + 1}, is no header. Remedy: write Name: value`)
  })
  return Object.fromEntries(pairs)
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function unusable(message: string): OccError {
  return new OccError('OCC_WEBHOOK_KEY', message, { retriable: true })
}
