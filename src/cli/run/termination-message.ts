import { existsSync, writeFileSync } from 'node:fs'
import { redactText } from '../../observe/log/redact.ts'

/** Where Kubernetes looks unless the pod's terminationMessagePath says otherwise. */
const DEFAULT_PATH = '/dev/termination-log'
/** Bytes that Kubernetes keeps of it. */
const MAX = 4096

/**
 * Why the process ends, where `kubectl describe pod` shows it: as plain text, while the log is
 * JSON. Kubernetes makes the file for the container; without it this does nothing. A path of its
 * own is named by TERMINATION_MESSAGE_PATH. Never throws: it must not hide the reason itself.
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
    // Not ours to write to.
  }
}
