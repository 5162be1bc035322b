import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError, codeOf } from '../../../src/kernel/errors.ts'
import type { KafkaFiles } from '../java/class-path.ts'
import type { Java } from '../java/java.ts'
import { causeIn } from '../java/java-errors.ts'
import { runJava } from '../java/run-java.ts'
import { TOOL_FLAGS } from '../java/tools.ts'
import type { KafkaUser } from '../types.ts'
import { type ServerPlan, serverProperties } from './server-properties.ts'

const MECHANISMS = ['SCRAM-SHA-512', 'SCRAM-SHA-256']
// One cluster id for all: brokers of different runs never meet, and the format can be cached.
const CLUSTER_ID = 'b2NjLWVtYmVkZGVkLWthZg'

/** The input of the format, which depends on neither ports nor nodes. */
export type FormatPlan = Omit<ServerPlan, 'nodeId' | 'dataFolder'>

/**
 * A formatted data folder of node 1, with the SCRAM credentials of the plan's users, for
 * copyFormat(). It depends only on the users and the overriding properties, so it is cached: only
 * the first start needs a JVM for it.
 * @throws OccError OCC_KAFKA_FORMAT
 */
export async function keptFormat(java: Java, files: KafkaFiles, plan: FormatPlan): Promise<string> {
  const key = JSON.stringify([CLUSTER_ID, plan.users, plan.overrides])
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12)
  const kept = join(files.cache, `format-${hash}`)
  if (!existsSync(kept)) await makeFormat(java, files, plan, kept)
  return kept
}

/** Creates a node's data folder from the cached one, with its own node id and folder id. */
export async function copyFormat(
  kept: string,
  { dataFolder, nodeId }: Pick<ServerPlan, 'dataFolder' | 'nodeId'>,
): Promise<void> {
  await cp(kept, dataFolder, { recursive: true })
  if (nodeId === 1) return
  const meta = join(dataFolder, 'meta.properties')
  const text = await readFile(meta, 'utf8')
  await writeFile(
    meta,
    text
      .replace(/^node\.id=.*$/m, `node.id=${nodeId}`)
      .replace(/^directory\.id=.*$/m, `directory.id=${randomId()}`),
  )
}

/** In the form of Kafka's UUIDs, which never begin with a dash. */
function randomId(): string {
  const bytes = randomBytes(16)
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0)
  return bytes.toString('base64url')
}

async function makeFormat(java: Java, files: KafkaFiles, plan: FormatPlan, target: string) {
  await mkdir(files.cache, { recursive: true })
  const draft = await mkdtemp(`${target}.`)
  const data = join(draft, 'data')
  const config = join(draft, 'server.properties')
  try {
    await writeFile(config, serverProperties({ ...plan, nodeId: 1, dataFolder: data }))
    const result = await runJava(java.command, [
      ...[...TOOL_FLAGS, '-cp', files.classPath],
      ...['kafka.tools.StorageTool', 'format', '--cluster-id', CLUSTER_ID, '--config', config],
      ...plan.users.flatMap(scramArguments),
    ])
    if (result.code !== 0) {
      throw new CodedError(
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

/** Another process created the same format at the same time: either will do. */
function ignoreIfAlreadyThere(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error
}
