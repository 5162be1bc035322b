import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { KafkaFiles } from './class-path.ts'
import type { Java } from './java.ts'

/** Some JVMs warn about every class that they cannot archive, which cannot be avoided. */
const QUIET = '-Xlog:cds=off,cds+dynamic=off'

/**
 * Kafka's classes, parsed and verified once and mapped into memory afterwards (JVM class data
 * sharing): a broker starts in 1.2 s instead of 2.0 s. The first broker that shuts down cleanly
 * writes the archive; a JVM that cannot use it continues without.
 */
export interface ClassArchive {
  /** JVM flags that use the archive, or record one. */
  readonly flags: readonly string[]
  /** Whether the JVM writes an archive on a clean shutdown (about 3 s, only until there is one). */
  readonly recording: boolean
  /** Keeps the recorded archive, after the JVM has ended. */
  keep(): Promise<void>
}

/** @param records Whether to record an archive if there is none yet. */
export function classArchive(
  java: Java,
  files: KafkaFiles,
  folder: string,
  records: boolean,
): ClassArchive {
  const key = createHash('sha256').update(java.version).update(files.classPath).digest('hex')
  const archive = join(files.cache, `classes-${key.slice(0, 12)}.jsa`)
  if (existsSync(archive)) {
    return { flags: [`-XX:SharedArchiveFile=${archive}`], recording: false, keep: async () => {} }
  }
  if (!records) return { flags: [], recording: false, keep: async () => {} }
  const recorded = join(folder, 'classes.jsa')
  return {
    flags: [`-XX:ArchiveClassesAtExit=${recorded}`, QUIET],
    recording: true,
    async keep() {
      if (!existsSync(recorded)) return
      const draft = `${archive}.${process.pid}`
      await copyFile(recorded, draft)
      await rename(draft, archive)
    },
  }
}
