import { execFileSync } from 'node:child_process'

/** What a child process is started as; nothing: as this process. */
export type SystemUser = { readonly uid: number; readonly gid: number } | Record<string, never>

/**
 * PostgreSQL refuses to run as root, and root is who runs tests in containers. Then it runs as
 * `nobody`, whom every system has: no user is made for it.
 */
export function postgresUser(): SystemUser {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
