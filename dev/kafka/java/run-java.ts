import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { ToolOptions, ToolResult } from '../types.ts'
import { launchJvm } from './jvm.ts'

/** Runs a JVM to its end and collects its output. Rejects only if `sh` cannot be started. */
export async function runJava(
  java: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  const jvm = launchJvm(java, { args })
  const abort = () => jvm.process.kill('SIGKILL')
  if (options.signal?.aborted) abort()
  options.signal?.addEventListener('abort', abort)
  try {
    jvm.process.stdin?.end(options.stdin ?? '')
    const [stdout, stderr, code] = await Promise.all([
      textOf(jvm.process.stdout),
      textOf(jvm.process.stderr),
      jvm.exited,
    ])
    return { stdout, stderr, code }
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }
}

async function textOf(stream: Readable | null): Promise<string> {
  if (stream === null) return ''
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await once(stream, 'close')
  return text
}
