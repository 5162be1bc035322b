import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../kernel/time/clock.ts'

/** What the holder of a token may do; who may operate may read, too. */
export type Right = 'read' | 'operate'

/** A token that is accepted now. */
export interface AcceptedToken {
  /** For the log. */
  readonly name: string
  readonly right: Right
  readonly token: string
}

/** Verdict on a request's token. */
export type Verdict =
  | { readonly kind: 'allowed'; readonly name: string; readonly right: Right }
  | { readonly kind: 'denied'; readonly why: string }
  | { readonly kind: 'limited'; readonly retryAfterSeconds: number }

export interface AdminGuard {
  /** The token of the header, with the wider right if two fit; null: it is none of these. Counts nothing. */
  find(authorization: string | undefined, accepted: readonly AcceptedToken[]): AcceptedToken | null
  /**
   * @param authorization Value of the header. @param address Address of the client.
   */
  check(
    authorization: string | undefined,
    address: string,
    accepted: readonly AcceptedToken[],
  ): Verdict
}

/** Wrong tokens per address and window; further requests are told to wait. */
const MAX_FAILURES = 10
const WINDOW_MS = 60_000
/** Maximum number of remembered addresses; the oldest is dropped, which bounds the memory. */
const MAX_ADDRESSES = 1_000

interface Failures {
  count: number
  /** Monotonic milliseconds of the first failure. */
  readonly since: number
}

/**
 * Compares tokens in constant time and tells an address that keeps guessing to wait. The right
 * token is always accepted: behind a proxy all clients share one address, and nobody may lock an
 * operator out.
 */
export function createAdminGuard(clock: Clock): AdminGuard {
  const failures = new Map<string, Failures>()

  function current(address: string): Failures | undefined {
    const known = failures.get(address)
    if (known === undefined || clock.monotonic() - known.since < WINDOW_MS) return known
    failures.delete(address)
    return undefined
  }

  function fail(address: string): void {
    const known = current(address)
    if (known !== undefined) {
      known.count += 1
      return
    }
    const [oldest] = failures.keys()
    if (failures.size >= MAX_ADDRESSES && oldest !== undefined) failures.delete(oldest)
    failures.set(address, { count: 1, since: clock.monotonic() })
  }

  return {
    find,
    check(authorization, address, accepted) {
      const best = find(authorization, accepted)
      if (best !== null) return { kind: 'allowed', name: best.name, right: best.right }
      const failed = current(address)
      if (failed !== undefined && failed.count >= MAX_FAILURES) {
        const left = WINDOW_MS - (clock.monotonic() - failed.since)
        return { kind: 'limited', retryAfterSeconds: Math.ceil(left / 1000) }
      }
      if (authorization === undefined) {
        return { kind: 'denied', why: 'send the header "authorization: Bearer TOKEN"' }
      }
      fail(address)
      const why =
        givenIn(authorization) === undefined ? 'write it as "Bearer TOKEN"' : 'the token is wrong'
      return { kind: 'denied', why }
    },
  }
}

function find(
  authorization: string | undefined,
  accepted: readonly AcceptedToken[],
): AcceptedToken | null {
  const given = givenIn(authorization)
  // All of them, in whatever order: the time says nothing about which one it is.
  const known = given === undefined ? [] : accepted.filter(({ token }) => isSame(given, token))
  return known.find(({ right }) => right === 'operate') ?? known[0] ?? null
}

function givenIn(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
}

/** Compares digests, which have equal length: timing reveals neither the token nor its length. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
