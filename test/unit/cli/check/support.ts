import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext } from 'node:test'
import type { ClusterReport } from '../../../../src/broker/topics/inspect.ts'
import { parseFlags } from '../../../../src/cli/arguments.ts'
import {
  type CheckOptions,
  check as checkFlagged,
  type InspectCluster,
} from '../../../../src/cli/check/check.ts'
import { checkFlags } from '../../../../src/cli/check/flags.ts'
import type { Io } from '../../../../src/cli/terminal/io.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

export const GOOD: ClusterReport = {
  brokers: [{ id: 1, address: 'kafka-0:9092' }],
  topics: [{ topic: 'solana.transfers', partitions: 4, records: 1234, lag: 12, problem: null }],
  group: { id: 'user-1', problem: null },
}

export async function check(
  args: readonly string[],
  io: Io,
  options: CheckOptions,
): Promise<number> {
  return checkFlagged(parseFlags(args, checkFlags), io, options)
}

export const never: InspectCluster = () => assert.fail('connected to the cluster')
export const answers =
  (report: ClusterReport): InspectCluster =>
  async () =>
    report

/** The default is in the working directory, which is not everybody's to write. */
const letters = mkdtempSync(join(tmpdir(), 'occ-check-'))
after(() => rmSync(letters, { recursive: true }))

export function terminal(env: Record<string, string> = {}, isTTY = false) {
  let stdout = ''
  let stderr = ''
  const io: Io = {
    env: {
      KAFKA_TOPICS: 'solana.transfers',
      KAFKA_GROUP_ID: 'user-1',
      OCC_DEAD_LETTERS_FILE_FOLDER: letters,
      ...env,
    },
    stdout: { isTTY, write: (text) => (stdout += text) },
    stderr: { isTTY, write: (text) => (stderr += text) },
  }
  return { io, stdout: () => stdout, stderr: () => stderr }
}

export function file(t: TestContext, name: string, content: string): string {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
