import { fileURLToPath } from 'node:url'

/**
 * Folders of the service's own files, without installed packages. The built form is one flat folder,
 * whose stack traces name `src/` beside it if source maps are enabled.
 */
const OWN = (import.meta.url.endsWith('.ts') ? ['..'] : ['.', '../src/']).map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
)

/** True if the stack trace, or one line of it, names a file of the service. */
export function namesOwnFile(stack: string): boolean {
  return OWN.some((folder) => stack.includes(folder))
}
