import { CodedError } from '../../../src/kernel/errors.ts'
import type { KafkaTools, ToolOptions, ToolResult } from '../types.ts'
import { kafkaFiles } from './class-path.ts'
import { findJava } from './java.ts'
import { runJava } from './run-java.ts'

/** The name of Kafka's shell script without `kafka-` and `.sh`, and its class. */
export const TOOL_CLASSES: Readonly<Record<string, string>> = {
  acls: 'org.apache.kafka.tools.AclCommand',
  'broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  configs: 'kafka.admin.ConfigCommand',
  'console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'dump-log': 'kafka.tools.DumpLogSegments',
  'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  topics: 'org.apache.kafka.tools.TopicCommand',
}

/** Flags for a short-lived JVM. */
export const TOOL_FLAGS = [
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
]

/** Runs one of Kafka's command-line classes. @throws OccError about Java or Maven only */
export async function runTool(
  className: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  const [java, files] = await Promise.all([findJava(), kafkaFiles()])
  return runJava(java.command, [...TOOL_FLAGS, '-cp', files.classPath, className, ...args], options)
}

/** Kafka's tools for that server, unless the arguments name another. */
export function createTools(bootstrapServer: string): KafkaTools {
  const tool =
    (name: string) =>
    (args: readonly string[], options?: ToolOptions): Promise<ToolResult> => {
      const server = args.includes('--bootstrap-server')
        ? []
        : ['--bootstrap-server', bootstrapServer]
      return runTool(TOOL_CLASSES[name] ?? name, [...server, ...args], options)
    }
  const topics = tool('topics')
  const consoleProducer = tool('console-producer')
  return {
    run: runTool,
    topics,
    consumerGroups: tool('consumer-groups'),
    acls: tool('acls'),
    configs: tool('configs'),
    getOffsets: tool('get-offsets'),
    deleteRecords: tool('delete-records'),
    // The only tool that takes the server as a property of the producer.
    producerPerformance: (args, options) => {
      const at = args.indexOf('--producer-props') + 1 || args.length
      const flag =
        at === args.length && args[at - 1] !== '--producer-props' ? '--producer-props' : []
      const server = [flag, `bootstrap.servers=${bootstrapServer}`].flat()
      const name = 'producer-perf-test'
      return runTool(TOOL_CLASSES[name] ?? name, args.toSpliced(at, 0, ...server), options)
    },
    consoleConsumer: tool('console-consumer'),
    consoleProducer: (args, stdin) => consoleProducer(args, { stdin }),
    async createTopic(topic, partitions = 1, config = {}) {
      const settings = Object.entries(config).flatMap(([key, value]) => [
        '--config',
        `${key}=${value}`,
      ])
      const size = ['--partitions', String(partitions), '--replication-factor', '1']
      const result = await topics(['--create', '--topic', topic, ...size, ...settings])
      if (result.code === 0) return
      throw new CodedError(
        'OCC_KAFKA_TOPIC',
        `Kafka did not create the topic ${topic}; check its name and settings: ${result.stdout.trim()}`,
      )
    },
  }
}
