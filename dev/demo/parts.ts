import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatDuration } from '../../src/cli/terminal/terminal.ts'
import type { UndoStack } from '../../src/kernel/lifecycle.ts'
import { startKafka } from '../kafka/embedded-kafka.ts'

/** Removed at the end. */
export function demoFolder(undo: UndoStack): string {
  const folder = mkdtempSync(join(tmpdir(), 'onchain-demo-'))
  undo.push('folder', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The bootstrap address of an embedded Kafka that ends with the demo. */
export async function startBroker(undo: UndoStack): Promise<string> {
  console.log('Starting Apache Kafka (the first time, Maven fetches it) ...')
  const started = Date.now()
  const kafka = await startKafka()
  undo.push('kafka', () => kafka.close())
  console.log(`Kafka is up after ${formatDuration(Date.now() - started)}.\n`)
  return kafka.brokers.plaintext
}
