import { main } from '../../../../src/cli/index.ts'
import { fakeIo } from '../../../support/fake-io.ts'

/** Runs `handler` with these arguments in this process. */
export async function run(...args: string[]) {
  const io = fakeIo()
  const code = await main(['handler', ...args], io)
  return { code, stdout: io.stdout.written(), stderr: io.stderr.written() }
}

/** The outcome of each record, with its reason. */
export function outcomes(stdout: string): string[] {
  return [...stdout.matchAll(/^\S+\/0\/\d+ +(ok|skip|retry|dead) .*? ms *(.*)$/gm)].map(
    ([, outcome, reason]) => `${outcome} ${reason}`.trim(),
  )
}
