import { existsSync, writeFileSync } from 'node:fs'
import { redactText } from '../../kernel/text/redact-text.ts'

/** Default of the pod's terminationMessagePath. */
const DEFAULT_PATH = '/dev/termination-log'
/** Maximum number of bytes that Kubernetes keeps. */
const MAX = 4096

/**
 * Writes why the process ends to where `kubectl describe pod` shows it: plain text, while the log
 * is JSON. Kubernetes creates the file for the container; without the file this does nothing.
 * TERMINATION_MESSAGE_PATH names another path. Never throws: it must not hide the reason itself.
 */
export function writeTerminationMessage(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const path = env['TERMINATION_MESSAGE_PATH'] || DEFAULT_PATH
  try {
    if (!existsSync(path)) return
    const bytes = Buffer.from(redactText(text)).subarray(0, MAX)
    writeFileSync(path, bytes)
  } catch {
    // Not writable for this process.
  }
}
