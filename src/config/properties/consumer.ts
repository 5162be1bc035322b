import { becomes, becomesText, only, type PropertyRule, refused, translated } from './rules.ts'

const offsetReset = translated('auto.offset.reset', 'kafka.autoOffsetReset', {
  earliest: 'earliest',
  smallest: 'earliest',
  beginning: 'earliest',
  latest: 'latest',
  largest: 'latest',
  end: 'latest',
  none: 'none',
  error: 'none',
})

const autoCommit: PropertyRule = {
  name: 'enable.auto.commit',
  key: 'commit.mode',
  meaning:
    '`false` is accepted; `true` becomes `commit.mode: interval`, which commits finished records only',
  apply(value) {
    const word = value.toLowerCase()
    if (word === 'false') return { kind: 'accepted' }
    if (word === 'true') {
      return {
        kind: 'set',
        key: 'commit.mode',
        value: 'interval',
        note: 'becomes commit.mode: interval, which commits finished records only: the client itself never commits',
      }
    }
    return { kind: 'refused', message: 'has an unknown value', remedy: 'write true or false' }
  },
}

const JAVA_ASSIGNORS: Readonly<Record<string, string>> = {
  cooperativestickyassignor: 'cooperative-sticky',
  stickyassignor: 'sticky',
  rangeassignor: 'range',
  roundrobinassignor: 'roundrobin',
}
const STRATEGIES = ['cooperative-sticky', 'sticky', 'range', 'roundrobin']

const assignment: PropertyRule = {
  name: 'partition.assignment.strategy',
  key: 'kafka.assignmentStrategy',
  meaning: "`kafka.assignmentStrategy`; Java's class names become the names on the wire",
  apply(value) {
    const names = value.split(',').map((text) => {
      const name = text.trim().toLowerCase()
      const java = /^org\.apache\.kafka\.clients\.consumer\.(\w+)$/.exec(name)?.[1]
      return java === undefined ? name : (JAVA_ASSIGNORS[java] ?? name)
    })
    if (names.some((name) => !STRATEGIES.includes(name))) {
      return {
        kind: 'refused',
        message: 'names an unknown assignor',
        remedy: `use some of ${STRATEGIES.join(', ')}`,
      }
    }
    return { kind: 'set', key: 'kafka.assignmentStrategy', value: names }
  },
}

const eof: PropertyRule = {
  name: 'enable.partition.eof',
  meaning: 'accepted; the end of a partition is never an error here',
  apply: () => ({ kind: 'accepted' }),
}

const offsetStore: PropertyRule = {
  name: 'enable.auto.offset.store',
  meaning: 'accepted; an offset is committed once its record is finished',
  apply: () => ({ kind: 'accepted' }),
}

const queues = 'set flow.queue.maxRecordsPerPartition and flow.queue.maxBytesPerPartition instead'

/** Group, offsets and fetches. */
export const consumerRules: readonly PropertyRule[] = [
  becomesText('group.id', 'kafka.groupId'),
  becomes('session.timeout.ms', 'kafka.sessionTimeout'),
  becomes('heartbeat.interval.ms', 'kafka.heartbeatInterval'),
  becomes('max.poll.interval.ms', 'kafka.rebalanceTimeout'),
  becomes('rebalance.timeout.ms', 'kafka.rebalanceTimeout'),
  offsetReset,
  autoCommit,
  becomes('auto.commit.interval.ms', 'commit.interval'),
  offsetStore,
  assignment,
  eof,
  translated('isolation.level', 'kafka.isolationLevel', {
    read_committed: 'read_committed',
    read_uncommitted: 'read_uncommitted',
  }),
  becomes('fetch.min.bytes', 'kafka.fetch.minBytes'),
  becomes('fetch.max.bytes', 'kafka.fetch.maxBytes'),
  becomes('fetch.max.wait.ms', 'kafka.fetch.maxWait'),
  becomes('fetch.wait.max.ms', 'kafka.fetch.maxWait'),
  becomes('max.partition.fetch.bytes', 'kafka.fetch.maxBytesPerPartition'),
  becomes('fetch.message.max.bytes', 'kafka.fetch.maxBytesPerPartition'),
  becomesText('group.instance.id', 'kafka.groupInstanceId'),
  translated('check.crcs', 'kafka.checkCrcs', { true: 'true', false: 'false' }),
  only(
    'group.protocol',
    'classic',
    'the client speaks the classic group protocol only',
    'write classic, or remove it',
  ),
  refused(
    'group.remote.assignor',
    'it belongs to the consumer group protocol, and the client speaks the classic one',
    'remove it',
  ),
  refused('max.poll.records', 'records are not polled but queued per partition', queues),
  refused('queued.min.messages', 'queues are bounded per partition', queues),
  refused('queued.max.messages.kbytes', 'queues are bounded per partition', queues),
  refused(
    'key.deserializer',
    'keys are passed on as bytes',
    'remove it; decode.topics sets the format of values',
  ),
  refused(
    'value.deserializer',
    'the format of values is set per topic',
    'remove it; set decode.topics',
  ),
]
