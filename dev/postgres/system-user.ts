import { execFileSync } from 'node:child_process'

/** The user of a child process; empty: the user of this process. */
export type SystemUser = { readonly uid: number; readonly gid: number } | Record<string, never>

/**
 * PostgreSQL refuses to run as root, which runs the tests in containers. Then it runs as `nobody`,
 * which exists on every system.
 */
export function postgresUser(): SystemUser {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
