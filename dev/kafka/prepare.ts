import { parseFlags } from '../../src/cli/arguments.ts'
import { runDevCommand } from '../command.ts'
import { startKafka } from './embedded-kafka.ts'
import { classArchive } from './java/class-archive.ts'
import { kafkaFiles } from './java/class-path.ts'
import { findJava } from './java/java.ts'

await runDevCommand({
  name: 'prepare',
  call: 'node dev/kafka/prepare.ts',
  usage: `Usage: node dev/kafka/prepare.ts

Fetches Kafka and archives its classes, if not done yet: otherwise concurrent tests would each do so.`,
  async run(args) {
    parseFlags(args, {})
    const [java, files] = await Promise.all([findJava(), kafkaFiles()])
    if (classArchive(java, files, '', true).recording) {
      const kafka = await startKafka()
      await kafka.stop()
      await kafka.close()
    }
    return 0
  },
})
