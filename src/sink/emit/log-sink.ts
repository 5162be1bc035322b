import { type Log, Verbatim } from '../../kernel/log.ts'
import type { EmitSink } from './types.ts'

/** Writes values as log lines with `event: value.emitted`. */
export function createLogEmitSink(name: string, log: Log): EmitSink {
  return {
    async check() {},
    async write({ handler, id, key, value, form }) {
      const text = value.toString(form === 'bytes' ? 'base64' : 'utf8')
      const shown = new Verbatim(form === 'json' ? JSON.parse(text) : text)
      const fields = { sink: name, handler, id, key: new Verbatim(key) }
      log.info({ event: 'value.emitted', ...fields, value: shown }, 'emitted')
    },
    async close() {},
  }
}
