import { keptIn } from '../../kernel/kept-in.ts'
import { alertCounters } from '../metrics/alerts.ts'
import { zeros } from '../metrics/counters.ts'
import { deadLetterCounters } from '../metrics/dead-letters.ts'
import { handlerCounters } from '../metrics/handlers.ts'
import { processCounters } from '../metrics/service.ts'
import { sinkCounters } from '../metrics/sinks.ts'
import { topicCounters } from '../metrics/topics.ts'
import { workerCounters } from '../metrics/workers.ts'
import type {
  AlertMeter,
  DatabaseMeter,
  DeadLetterMeter,
  HandlerMeter,
  Meters,
  ProcessMeter,
  SinkMeter,
  TopicMeter,
  WorkerMeter,
} from '../types.ts'
import { BUCKETS } from './buckets.ts'
import { createFastHistogram } from './fast-histogram.ts'
import { createLetterKinds } from './letter-kinds.ts'
import { TextCounts } from './text-counts.ts'

/** Codes can come from outside: error names of a library, codes of a handler. */
const MAX_CODES = 50
const MAX_REASONS = 20

/** Counters are independent of the assignment, and continue across rebalances. */
export function createMeters(): Meters {
  const topics = new Map<string, TopicMeter>()
  const groups = new Map<string, Map<string, TopicMeter>>()
  const handlers = new Map<string, HandlerMeter>()
  const deadLetters = new Map<string, DeadLetterMeter>()
  const sinks = new Map<string, SinkMeter>()
  const databases = new Map<string, DatabaseMeter>()
  const alerts = new Map<string, AlertMeter>()
  const errors = new Map<string, TextCounts>()
  // No `this`: rooms get single functions of this object.
  const meters: Meters = {
    topics,
    topic: (name) => keptIn(topics, name, createTopicMeter),
    groups,
    ofGroup(group) {
      const own = keptIn(groups, group, () => new Map<string, TopicMeter>())
      return { ...meters, topics: own, topic: (name) => keptIn(own, name, createTopicMeter) }
    },
    handlers,
    handler: (name) => keptIn(handlers, name, createHandlerMeter),
    deadLetters,
    deadLetterTarget: (name) => keptIn(deadLetters, name, createDeadLetterMeter),
    sinks,
    sink: (name) => keptIn(sinks, name, createSinkMeter),
    databases,
    database: (section) => keptIn(databases, section, createDatabaseMeter),
    alerts,
    alert: (name) => keptIn(alerts, name, () => zeros(alertCounters)),
    process: createProcessMeter(),
    workers: createWorkerMeter(),
    errors,
    countError: (room, code) => keptIn(errors, room, codeCounts).count(code),
  }
  return meters
}

const codeCounts = () => new TextCounts(MAX_CODES)

function createTopicMeter(): TopicMeter {
  return {
    ...zeros(topicCounters),
    encodings: {},
    fetchErrors: codeCounts(),
    skips: new TextCounts(MAX_REASONS, ['filtered', 'duplicate', 'handler', 'other-group']),
    failedRecords: codeCounts(),
    parkedAttempts: { ok: 0, skip: 0, again: 0, dead: 0, lost: 0 },
    decodeSeconds: createFastHistogram(BUCKETS.decode),
    handleSeconds: createFastHistogram(BUCKETS.handle),
    endToEndSeconds: createFastHistogram(BUCKETS.endToEnd),
  }
}

function createHandlerMeter(): HandlerMeter {
  return {
    ...zeros(handlerCounters),
    outcomes: { ok: 0, skip: 0, retry: 0, later: 0, dead: 0 },
    skips: new TextCounts(MAX_REASONS, ['filtered', 'duplicate']),
    callSeconds: createFastHistogram(BUCKETS.handle),
    strays: { rejection: 0, exception: 0 },
  }
}

const createDatabaseMeter = (): DatabaseMeter => ({ retries: { '40P01': 0, '40001': 0 } })

function createDeadLetterMeter(): DeadLetterMeter {
  const keepSeconds = createFastHistogram(BUCKETS.commit)
  return {
    ...zeros(deadLetterCounters),
    errors: codeCounts(),
    keepSeconds,
    kinds: createLetterKinds(),
  }
}

function createSinkMeter(): SinkMeter {
  const writeSeconds = createFastHistogram(BUCKETS.commit)
  return { ...zeros(sinkCounters), errors: codeCounts(), writeSeconds }
}

function createProcessMeter(): ProcessMeter {
  return {
    ...zeros(processCounters),
    commits: { ok: 0, failed: 0, fenced: 0 },
    commitSeconds: createFastHistogram(BUCKETS.commit),
    transactions: { ok: 0, refused: 0, failed: 0, fenced: 0, doubt: 0 },
    recordings: { ok: 0, failed: 0 },
    transactionSeconds: createFastHistogram(BUCKETS.commit),
    rebalances: { assigned: 0, revoked: 0, lost: 0 },
    rebalanceSeconds: createFastHistogram(BUCKETS.rebalance),
    movedPauseSeconds: createFastHistogram(BUCKETS.rebalance),
    unmovedPauseSeconds: createFastHistogram(BUCKETS.rebalance),
    rebalancesByProtocol: new Map(),
    fetchSeconds: createFastHistogram(BUCKETS.fetch),
    loggedLines: { trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 },
    strays: { rejection: 0, exception: 0 },
  }
}

function createWorkerMeter(): WorkerMeter {
  return { ...zeros(workerCounters), replaced: { died: 0, hung: 0 } }
}
