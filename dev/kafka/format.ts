import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, OccError } from '../../src/kernel/errors.ts'
import type { KafkaFiles } from './class-path.ts'
import type { Java } from './java.ts'
import { causeIn } from './java-errors.ts'
import { runJava } from './run-java.ts'
import { type ServerPlan, serverProperties } from './server-properties.ts'
import { TOOL_FLAGS } from './tools.ts'
import type { KafkaUser } from './types.ts'

const MECHANISMS = ['SCRAM-SHA-512', 'SCRAM-SHA-256']
// One cluster id for all: brokers of different runs never meet, and it can be kept with the format.
const CLUSTER_ID = 'b2NjLWVtYmVkZGVkLWthZg'

/**
 * Formats the plan's data folder, with the SCRAM credentials of its users. What comes out depends
 * on the users and on the overriding properties alone, so it is kept and copied the next time: that
 * saves every start but the first a JVM.
 * @throws OccError OCC_KAFKA_FORMAT
 */
export async function formatData(java: Java, files: KafkaFiles, plan: ServerPlan): Promise<void> {
  const key = JSON.stringify([CLUSTER_ID, plan.users, plan.overrides])
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12)
  const kept = join(files.cache, `format-${hash}`)
  if (!existsSync(kept)) await makeFormat(java, files, plan, kept)
  await cp(kept, plan.dataFolder, { recursive: true })
}

async function makeFormat(java: Java, files: KafkaFiles, plan: ServerPlan, target: string) {
  await mkdir(files.cache, { recursive: true })
  const draft = await mkdtemp(`${target}.`)
  const data = join(draft, 'data')
  const config = join(draft, 'server.properties')
  try {
    await writeFile(config, serverProperties({ ...plan, dataFolder: data }))
    const result = await runJava(java.command, [
      ...[...TOOL_FLAGS, '-cp', files.classPath],
      ...['kafka.tools.StorageTool', 'format', '--cluster-id', CLUSTER_ID, '--config', config],
      ...plan.users.flatMap(scramArguments),
    ])
    if (result.code !== 0) {
      throw new OccError(
        'OCC_KAFKA_FORMAT',
        `Kafka's storage tool refused the configuration (exit code ${result.code}); check the ` +
          `properties and users given to it: ${causeIn(result.stderr + result.stdout)}`,
      )
    }
    await rename(data, target).catch(ignoreIfAlreadyThere)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

function scramArguments({ username, password }: KafkaUser): string[] {
  return MECHANISMS.flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ])
}

/** Another process made the same format at the same time: either will do. */
function ignoreIfAlreadyThere(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error
}
