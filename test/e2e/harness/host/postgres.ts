import { startPostgres } from '../../../../dev/postgres/embedded-postgres.ts'
import type { UndoStack } from '../../../../src/kernel/lifecycle.ts'
import { openToPods } from './open-to-pods.ts'

/**
 * A real PostgreSQL on this machine, open to the pods of the cluster.
 *
 * @returns its URL, the password included, by the address that pods know this machine by
 */
export async function startHostPostgres(undo: UndoStack): Promise<string> {
  const postgres = await startPostgres()
  undo.push('postgres', () => postgres.close())
  return await openToPods(undo, postgres.url)
}
