import { join } from 'node:path'
import type { KafkaOptions } from './types.ts'

const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
const LOG = '-Dorg.slf4j.simpleLogger'

/** The broker's JVM flags. Its start is detected by a line of the logger that stays at info. */
export function brokerFlags(options: KafkaOptions, folder: string): string[] {
  const several = (options.nodes ?? 1) > 1
  return [
    `-Xmx${options.heap ?? (several ? '256m' : '512m')}`,
    ...(options.tune === 'throughput' ? [] : QUICK_START),
    '-XX:-UsePerfData',
    '-Djava.awt.headless=true',
    // The compression libraries unpack native code there: it is removed with the folder.
    `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
    `${LOG}.logFile=System.out`,
    `${LOG}.showDateTime=true`,
    `${LOG}.dateTimeFormat=HH:mm:ss.SSS`,
    `${LOG}.defaultLogLevel=${options.logLevel ?? 'warn'}`,
    `${LOG}.log.kafka.server.KafkaRaftServer=info`,
    ...(options.jvmFlags ?? []),
  ]
}
