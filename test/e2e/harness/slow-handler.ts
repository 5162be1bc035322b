import type { Values } from './values.ts'

/**
 * A handler that only takes its time. Every partition then goes at the same known pace, however many
 * pods there are and however busy the machine is, and needs next to no CPU.
 */
export function slowHandler(milliseconds: number): Values {
  const source = `
export default {
  name: 'slow',
  handle: () => new Promise((resolve) => setTimeout(resolve, ${milliseconds})),
}
`
  return {
    config: { handlers: [{ path: '/etc/onchain-consumer/handlers/slow.mjs' }] },
    handlerFiles: { files: { 'slow.mjs': source } },
  }
}
