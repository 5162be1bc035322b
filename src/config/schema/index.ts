import * as z from 'zod'
import { alertsSetting } from './alerts.ts'
import { circuitSection, processingSection, retrySection } from './concurrency.ts'
import { deadLettersSection } from './dead-letters.ts'
import { filterSection } from './filter.ts'
import { deduplicationSection, handlersSetting } from './handlers.ts'
import { kafkaSection } from './kafka.ts'
import { kubernetesSection } from './kubernetes.ts'
import { offsetsSection } from './offsets.ts'
import { parkedSection } from './parked.ts'
import { commitSection, decodeSection, flowSection } from './processing.ts'
import { scalingSection } from './scaling.ts'
import { adminSection, httpSection, lagSection, logSection, sinkSection } from './service.ts'
import { sinksSetting } from './sinks/index.ts'
import { tracingSection } from './tracing.ts'

/** The schema: the only source of types, defaults, ranges, environment names and descriptions. */
export const configSchema = z.strictObject({
  kafka: kafkaSection,
  decode: decodeSection.prefault({}),
  flow: flowSection.prefault({}),
  handlers: handlersSetting,
  filter: filterSection.prefault({}),
  deduplication: deduplicationSection.prefault({}),
  sinks: sinksSetting,
  alerts: alertsSetting,
  processing: processingSection.prefault({}),
  retry: retrySection.prefault({}),
  circuit: circuitSection.prefault({}),
  commit: commitSection.prefault({}),
  offsets: offsetsSection.prefault({}),
  parked: parkedSection.prefault({}),
  sink: sinkSection.prefault({}),
  deadLetters: deadLettersSection.prefault({}),
  http: httpSection.prefault({}),
  admin: adminSection.prefault({}),
  lag: lagSection.prefault({}),
  kubernetes: kubernetesSection.prefault({}),
  scaling: scalingSection.prefault({}),
  log: logSection.prefault({}),
  tracing: tracingSection.prefault({}),
})

/** The parsed file and environment; resolve.ts turns it into a `Config`. */
export type Settings = z.output<typeof configSchema>

/** JSON Schema of the file, for editors and for the chart's values. */
export function configJsonSchema() {
  return z.toJSONSchema(configSchema, { io: 'input' })
}
