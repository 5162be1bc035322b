import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CodedError, type OccError } from '../../../src/kernel/errors.ts'

const OLDEST = 17
const run = promisify(execFile)
const known = new Map<string, Java>()

export interface Java {
  /** What to spawn. */
  readonly command: string
  /** The whole output of `-version`: distinguishes builds. */
  readonly version: string
}

/**
 * The `java` for Kafka: from JAVA_HOME, else from the PATH. Determined once per process.
 * @throws OccError OCC_JAVA_MISSING, OCC_JAVA_TOO_OLD
 */
export async function findJava(environment: NodeJS.ProcessEnv = process.env): Promise<Java> {
  const home = environment['JAVA_HOME']
  const java = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java')
  const where = java === 'java' ? 'the PATH' : `JAVA_HOME=${home}`
  const path = environment['PATH'] ?? ''
  const key = `${java}\n${path}`
  const found = known.get(key)
  if (found !== undefined) return found
  if (java !== 'java' && !existsSync(java)) throw missing(where)
  const text = await versionText(java, environment, where)
  const major = majorOf(text)
  if (major === undefined || major < OLDEST) {
    throw new CodedError(
      'OCC_JAVA_TOO_OLD',
      `Java ${major ?? '(unknown version)'} from ${where} is too old for Apache Kafka 4: ` +
        `install Java ${OLDEST} or newer, or point JAVA_HOME at one`,
    )
  }
  const result = { command: java, version: text }
  known.set(key, result)
  return result
}

async function versionText(java: string, environment: NodeJS.ProcessEnv, where: string) {
  try {
    // -version prints to stderr, and every Java supports it.
    return (await run(java, ['-version'], { env: environment })).stderr
  } catch (cause) {
    throw missing(where, cause)
  }
}

function majorOf(text: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(text)
  return match?.[1] === undefined ? undefined : Number(match[1])
}

function missing(where: string, cause?: unknown): OccError {
  return new CodedError(
    'OCC_JAVA_MISSING',
    `the embedded Kafka needs Java ${OLDEST} or newer and none was found through ${where}: install one ` +
      '(Debian: apt-get install openjdk-17-jre-headless), or point JAVA_HOME at one',
    { cause },
  )
}
