import { firstAdminToken, MIN_TOKEN } from '../../config/admin-tokens.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type { Release } from '../../kubernetes/release/index.ts'
import type { ReleasePod } from '../../kubernetes/release/pods.ts'
import { usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { serviceUrls, tokenOf } from './request.ts'

export interface ReachFlags {
  readonly url?: string
  readonly release?: string
  readonly namespace?: string
  readonly 'token-file'?: string
}

/** A process of the service. */
export interface Service {
  /** For people: `http://HOST:PORT`, or `pod/NAME`. */
  readonly name: string
  readonly url: URL
}

export interface Reached {
  readonly services: readonly Service[]
  /** Pods of the release that cannot be asked, and why: `does not run: ContainerCreating`. */
  readonly silent: ReadonlyArray<{ readonly name: string; readonly reason: string }>
  /** Empty if the command needs none. */
  readonly token: string
}

export interface Wanted {
  /** `one`: any that is ready; with `--url`, what it names. */
  readonly services: 'all' | 'one'
  readonly token: boolean
}

/** Whether the command is to ask a service. */
export function namesService({ url, release }: ReachFlags): boolean {
  return url !== undefined || release !== undefined
}

/**
 * The work on the services that the flags name, which are within reach until it ends. Rejects with
 * OCC_USAGE, the errors of the token, OCC_RELEASE_*, OCC_KUBERNETES_*.
 */
export async function withServices<Result>(
  flags: ReachFlags,
  wanted: Wanted,
  io: Io,
  work: (reached: Reached) => Promise<Result>,
): Promise<Result> {
  const { url, release: name, namespace, 'token-file': file } = flags
  if (url !== undefined && name !== undefined) {
    throw usageError('--url and --release exclude each other; give one')
  }
  if (name === undefined) {
    if (namespace !== undefined) throw usageError('--namespace belongs to --release')
    const services = serviceUrls(url).map((each) => ({ name: each.origin, url: each }))
    return work({ services, silent: [], token: wanted.token ? tokenOf(file) : '' })
  }
  const given = wanted.token && file !== undefined ? tokenOf(file) : null
  const { openRelease } = await import('../../kubernetes/release/index.ts')
  const release = await openRelease(name, namespace ?? null, io.env, systemClock)
  try {
    const reached = await reach(release, name, wanted)
    const token = wanted.token ? (given ?? (await tokenIn(release, name))) : ''
    return await work({ ...reached, token })
  } finally {
    release.close()
  }
}

async function reach(
  release: Release,
  name: string,
  { services }: Wanted,
): Promise<Pick<Reached, 'services' | 'silent'>> {
  const { pods, namespace } = release
  const able = pods.filter(({ reason, isReady }) =>
    services === 'one' ? isReady : reason === null,
  )
  function notReady(states: readonly string[]): OccError {
    return new OccError(
      'OCC_RELEASE_NOT_READY',
      `No pod of release ${name} in namespace ${namespace} is ready: ${states.join(', ')}. Remedy: kubectl describe pod says why`,
      { retriable: true },
    )
  }

  if (able.length === 0) {
    throw notReady(pods.map((pod) => `${pod.name} ${pod.reason ?? 'is not ready'}`))
  }
  const reached: Service[] = []
  const silent = pods.flatMap(({ name: pod, reason }) =>
    reason === null ? [] : { name: `pod/${pod}`, reason: `does not run: ${reason}` },
  )
  async function ask(pod: ReleasePod): Promise<void> {
    const own = `pod/${pod.name}`
    try {
      reached.push({ name: own, url: await release.reach(pod) })
    } catch (error) {
      // One that has just ended hides no other.
      if (!GONE.has(codeOf(error))) throw error
      silent.push({ name: own, reason: `cannot be reached: ${messageOf(error)}` })
    }
  }
  if (services === 'all') await Promise.all(able.map(ask))
  else {
    for (const pod of able) {
      await ask(pod)
      if (reached.length > 0) return { services: reached, silent: [] }
    }
    throw notReady(silent.map((pod) => `${pod.name} ${pod.reason}`))
  }
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  return { services: reached.toSorted(byName), silent: silent.toSorted(byName) }
}

/** What the API server says of a pod that is not there, or no longer runs. */
const GONE: ReadonlySet<string> = new Set(['OCC_KUBERNETES_NOT_FOUND', 'OCC_KUBERNETES_REFUSED'])

async function tokenIn(release: Release, name: string): Promise<string> {
  const token = firstAdminToken(await release.token())
  if (token !== null) return token
  throw new OccError(
    'OCC_ADMIN_TOKEN',
    `The Secret of release ${name} does not hold a token of at least ${MIN_TOKEN} printable characters: write one there (openssl rand -hex 32)`,
  )
}
