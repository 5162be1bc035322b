// Fetches Kafka and archives its classes, if not done yet: otherwise concurrent tests would each do
// so.

import { classArchive } from './class-archive.ts'
import { kafkaFiles } from './class-path.ts'
import { sayAndExit } from './console.ts'
import { startKafka } from './embedded-kafka.ts'
import { findJava } from './java.ts'

try {
  const [java, files] = await Promise.all([findJava(), kafkaFiles()])
  if (classArchive(java, files, '', true).recording) {
    const kafka = await startKafka()
    await kafka.stop()
    await kafka.close()
  }
} catch (error) {
  sayAndExit(error)
}
