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
import { ReasonCounts } from './reason-counts.ts'

/**
 * Codes can come from outside (error names of a library), so their number is bounded: each pair is
 * a time series in Prometheus.
 */
const MAXIMUM_ERROR_SERIES = 500

/** Counters are independent of the assignment, and continue across rebalances. */
export function createMeters(): Meters {
  const topics = new Map<string, TopicMeter>()
  const groups = new Map<string, Map<string, TopicMeter>>()
  const handlers = new Map<string, HandlerMeter>()
  const errors = new Map<string, { readonly room: string; readonly code: string; count: number }>()
  // No `this`: rooms get single functions of this object.
  function countError(room: string, code: string): void {
    const known = errors.get(`${room} ${code}`)
    if (known !== undefined) {
      known.count += 1
    } else if (code !== 'OTHER' && errors.size >= MAXIMUM_ERROR_SERIES) {
      countError(room, 'OTHER')
    } else {
      errors.set(`${room} ${code}`, { room, code, count: 1 })
    }
  }
  const deadLetters = new Map<string, DeadLetterMeter>()
  const sinks = new Map<string, SinkMeter>()
  const databases = new Map<string, DatabaseMeter>()
  const alerts = new Map<string, AlertMeter>()
  const meters: Meters = {
    topics,
    groups,
    alerts,
    alert(name) {
      const meter = alerts.get(name) ?? zeros(alertCounters)
      alerts.set(name, meter)
      return meter
    },
    sinks,
    sink(name) {
      const meter = sinks.get(name) ?? createSinkMeter()
      sinks.set(name, meter)
      return meter
    },
    databases,
    database(section) {
      const meter = databases.get(section) ?? { retries: { '40P01': 0, '40001': 0 } }
      databases.set(section, meter)
      return meter
    },
    deadLetters,
    deadLetterTarget(name) {
      const meter = deadLetters.get(name) ?? createDeadLetterMeter()
      deadLetters.set(name, meter)
      return meter
    },
    process: createProcessMeter(),
    workers: createWorkerMeter(),
    topic: (name) => topicMeterOf(topics, name),
    ofGroup(group) {
      const own = groups.get(group) ?? new Map<string, TopicMeter>()
      groups.set(group, own)
      return {
        ...meters,
        topics: own,
        topic: (name) => topicMeterOf(own, name),
        // A spread reads a getter once.
        get errors() {
          return errors.values()
        },
      }
    },
    handlers,
    handler(name) {
      let meter = handlers.get(name)
      if (meter === undefined) {
        meter = createHandlerMeter()
        handlers.set(name, meter)
      }
      return meter
    },
    countError,
    get errors() {
      return errors.values()
    },
  }
  return meters
}

function topicMeterOf(topics: Map<string, TopicMeter>, name: string): TopicMeter {
  let meter = topics.get(name)
  if (meter === undefined) {
    meter = createTopicMeter()
    topics.set(name, meter)
  }
  return meter
}

function createTopicMeter(): TopicMeter {
  return {
    ...zeros(topicCounters),
    encodings: {},
    fetchErrors: new Map(),
    skips: new ReasonCounts(['filtered', 'duplicate', 'handler', 'other-group']),
    failedRecords: new Map(),
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
    skips: new ReasonCounts(['filtered', 'duplicate']),
    callSeconds: createFastHistogram(BUCKETS.handle),
    strays: { rejection: 0, exception: 0 },
  }
}

function createDeadLetterMeter(): DeadLetterMeter {
  const keepSeconds = createFastHistogram(BUCKETS.commit)
  return {
    ...zeros(deadLetterCounters),
    errors: new Map(),
    keepSeconds,
    kinds: createLetterKinds(),
  }
}

function createSinkMeter(): SinkMeter {
  const writeSeconds = createFastHistogram(BUCKETS.commit)
  return { ...zeros(sinkCounters), errors: new Map(), writeSeconds }
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
