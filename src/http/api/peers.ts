import type {
  MoveAnswer,
  MoveAnswers,
  MoveOrder,
  ReachableMembers,
} from '../../group/offsets/types.ts'
import { messageOf } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import { boundedText, failureOf, peerAddresses } from './reaching-peers.ts'

export interface PeersParts {
  /** Names that resolve to the pods of this release, with or without a port; from no request. */
  readonly peers: readonly string[]
  /** Where a peer listens, if its name has no port. */
  readonly port: number
  /** That of the operate right; null: peers are not asked. */
  token(): string | null
  /** What this process has itself. */
  local(order: MoveOrder): Promise<readonly MoveAnswer[]>
  /** Milliseconds that a peer may take. */
  timeout(): number
  /** Milliseconds for which a partition that nobody has is asked for again. Default: 15 s. */
  readonly patience?: number
  readonly log: Log
}

/** A partition may be about to move, or to begin anew: it is asked for again. Milliseconds. */
const PATIENCE = 15_000
const PAUSE = 500

/**
 * The members in all pods of the release: this process, and those at `http.peers`. Each is asked for
 * every partition and answers for its own, so nobody needs to know who has what.
 */
export function createPeers(parts: PeersParts): ReachableMembers {
  async function ask(address: string, token: string, order: MoveOrder): Promise<MoveAnswer[]> {
    const response = await fetch(`http://${address}/api/v1/offsets/moves`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(order),
      // A redirect would carry the token elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(parts.timeout()),
    })
    if (!response.ok) throw new Error(`answers ${response.status}`)
    return answersIn(await boundedText(response))
  }

  /** null: they cannot be asked, as is said. */
  function tokenFor(unreached: Set<string>): string | null {
    try {
      return parts.token()
    } catch (error) {
      unreached.add(`other pods: ${messageOf(error)}`)
      return null
    }
  }

  async function askAll(order: MoveOrder, unreached: Set<string>): Promise<readonly MoveAnswer[]> {
    const own = await parts.local(order)
    const left = without(order, own)
    if (left.moves.length === 0) return own
    // What is done here already is answered, whatever is wrong with the others.
    const token = tokenFor(unreached)
    if (token === null) return own
    if (parts.peers.length === 0) {
      unreached.add('other pods, because http.peers names none')
      return own
    }
    const addresses = await peerAddresses(parts.peers, parts.port, (peer, why) => {
      unreached.add(`${peer}: ${why}`)
    })
    const others = await Promise.all(
      addresses.map(async (address) => {
        try {
          return await ask(address, token, left)
        } catch (error) {
          const why = failureOf(error)
          parts.log.warn(
            { event: 'admin.peer-failed', address, error: why },
            `The pod at ${address} could not be asked to set offsets`,
          )
          unreached.add(`${address}: ${why}`)
          return []
        }
      }),
    )
    return [...own, ...others.flat()]
  }

  return {
    async move(order): Promise<MoveAnswers> {
      const until = performance.now() + (parts.patience ?? PATIENCE)
      const answers: MoveAnswer[] = []
      for (let left = order; ; ) {
        const unreached = new Set<string>()
        answers.push(...(await askAll(left, unreached)))
        left = without(order, answers)
        const isOver = left.moves.length === 0 || performance.now() > until
        if (isOver) return { answers, unreached: [...unreached] }
        await sleep(PAUSE)
      }
    },
  }
}

/** @throws Error if it is no answer of a pod */
function answersIn(text: string): MoveAnswer[] {
  const { answers } = JSON.parse(text) as { readonly answers?: unknown }
  const isAnswer = (each: Partial<MoveAnswer> | null) =>
    typeof each?.topic === 'string' &&
    Number.isSafeInteger(each.partition) &&
    (each.reason === null || typeof each.reason === 'string')
  if (Array.isArray(answers) && answers.every(isAnswer)) return answers
  throw new Error('answers something else: is that a pod of this release (http.peers)?')
}

/** What has no answer yet. */
function without(order: MoveOrder, answers: readonly MoveAnswer[]): MoveOrder {
  const answered = new Set(answers.map(partitionName))
  return { ...order, moves: order.moves.filter((each) => !answered.has(partitionName(each))) }
}
