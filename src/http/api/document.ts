import { letterAnswer, lettersAnswer, workAnswer } from './letter-schemas.ts'
import {
  offsetsAnswer,
  orderAnswer,
  overviewAnswer,
  problem,
  putAnswer,
  stateAnswer,
  tapAnswer,
} from './schemas.ts'

interface Route {
  readonly summary: string
  readonly description?: string
  readonly answer: object
  readonly status?: readonly number[]
  /** Default: JSON. */
  readonly type?: string
  /** No token is needed. */
  readonly isOpen?: true
}

/** What the document says of each route, by its operation id. */
const ROUTES: Readonly<Record<string, Route>> = {
  status: {
    summary: 'How the service does',
    description:
      'What the page at `/` shows: a sentence, figures and their last 15 minutes, partitions, handlers, sinks, dead letters by error, groups. Fields may be added to its `version`.',
    answer: overviewAnswer,
    status: [400],
    isOpen: true,
  },
  tap: {
    summary: 'Records on their way to the handlers',
    description:
      'A sample of what this pod hands to its handlers, one a second at most, as Server-Sent Events. It ends after 5 minutes, and at most 5 can look at a pod.',
    answer: tapAnswer,
    type: 'text/event-stream',
    status: [400, 404],
  },
  state: { summary: 'What is paused, and the settings in effect', answer: stateAnswer },
  pause: {
    summary: 'Pause a topic, a partition or a handler in all pods of the group',
    description:
      'Kept for the group until it ends or is resumed, over restarts of all pods. The other pods follow within some seconds. Replaces an earlier pause of the same.',
    answer: stateAnswer,
    status: [400, 404, 413, 415],
  },
  resume: {
    summary: 'Resume it in all pods of the group',
    description: 'Resuming a topic resumes all of its partitions.',
    answer: stateAnswer,
    status: [400, 404, 413, 415],
  },
  offsets: {
    summary: 'The offsets of a group',
    description: 'Committed offset, log, owner and replay of each partition.',
    answer: offsetsAnswer,
    status: [400, 404, 503],
  },
  putOffsets: {
    summary: 'Plan a change of offsets, or apply a plan',
    description:
      'Without `plan`: what the change would do; nothing is changed. With `plan`: applies partitions of such an answer, unless one of them was moved since (409).',
    answer: putAnswer,
    status: [400, 404, 409, 413, 415, 503],
  },
  moveOffsets: {
    summary: 'Set offsets of partitions that this pod has',
    description: 'How pods pass a change on to each other. Partitions of others have no answer.',
    answer: orderAnswer,
    status: [400, 404, 413, 415],
  },
  letters: {
    summary: 'The dead letters by error, handler and topic',
    description:
      'All that the target keeps for the groups of the service; of `target: file` those in the folder that this pod sees. Bounded in time and memory: `cut` says if not all were read.',
    answer: lettersAnswer,
  },
  redriveLetters: {
    summary: 'Redrive dead letters, or say what that would do',
    description:
      'To the topics that they came from. With `dryRun: false` it goes on in the pod that was asked, until it is done, cancelled, or the pod ends; what was not sent then stays. One at a time (409).',
    answer: letterAnswer,
    status: [400, 404, 409, 413, 415],
  },
  redriveProgress: {
    summary: 'The newest redrive of this pod',
    description: 'Null: there was none since it started.',
    answer: workAnswer,
  },
  redriveCancel: {
    summary: 'Cancel the redrive of this pod',
    description: 'It ends after the batch that is being sent.',
    answer: workAnswer,
    status: [409],
  },
  dropLetters: {
    summary: 'Drop dead letters permanently, or say what that would do',
    description: 'As a redrive: a dry run unless `dryRun` is false, and one at a time (409).',
    answer: letterAnswer,
    status: [400, 409, 413, 415],
  },
  dropProgress: {
    summary: 'The newest drop of this pod',
    description: 'Null: there was none since it started.',
    answer: workAnswer,
  },
  dropCancel: {
    summary: 'Cancel the drop of this pod',
    description: 'What was dropped stays dropped.',
    answer: workAnswer,
    status: [409],
  },
}

/** A route that needs a token is limited, too. */
const COMMON = [401, 403, 429, 500, 503]

/** Schema fields of the route with this operation id. */
export function described(id: string): object {
  const route: Route = ROUTES[id] ?? { summary: id, answer: {} }
  const { summary, description, answer, status = [], isOpen = false } = route
  const { type = 'application/json' } = route
  const common = isOpen ? [500] : COMMON
  const problems = [...new Set([...common, ...status])].sort((a, b) => a - b)
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    security: isOpen ? [] : [{ bearer: [] }],
    response: {
      200: { description: 'Done.', content: { [type]: { schema: answer } } },
      ...Object.fromEntries(problems.map((code) => [code, problem])),
    },
  }
}

/** The head of the document. Its version is that of the API, not of the service. */
export const documentOptions = {
  // Shared schemas by their own names.
  refResolver: { buildLocalReference: ({ $id }: { $id?: unknown }) => String($id) },
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'onchain-consumer',
      version: '1',
      description:
        'Operates a running service. Off unless `admin.tokenFile` is set, but for `/status`. Errors are problem documents (RFC 9457).',
    },
    components: {
      securitySchemes: {
        bearer: {
          type: 'http' as const,
          scheme: 'bearer',
          description:
            'The token of `admin.tokenFile`; that of `admin.readTokenFile` only for GET.',
        },
      },
    },
  },
}
