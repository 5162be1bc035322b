import * as z from 'zod'
import { circuitSection, processingSection, retrySection } from './schema/concurrency.ts'
import { deadLettersSection } from './schema/dead-letters.ts'
import { filterSection } from './schema/filter.ts'
import { deduplicationSection, handlersSetting } from './schema/handlers.ts'
import { kafkaSection } from './schema/kafka.ts'
import { kubernetesSection } from './schema/kubernetes.ts'
import { commitSection, decodeSection, flowSection } from './schema/processing.ts'
import { scalingSection } from './schema/scaling.ts'
import { adminSection, httpSection, lagSection, logSection, sinkSection } from './schema/service.ts'
import { sinksSetting } from './schema/sinks/index.ts'

/** The one schema: types, defaults, ranges, environment names and descriptions come from here. */
export const configSchema = z.strictObject({
  kafka: kafkaSection,
  decode: decodeSection.prefault({}),
  flow: flowSection.prefault({}),
  handlers: handlersSetting,
  filter: filterSection.prefault({}),
  deduplication: deduplicationSection.prefault({}),
  sinks: sinksSetting,
  processing: processingSection.prefault({}),
  retry: retrySection.prefault({}),
  circuit: circuitSection.prefault({}),
  commit: commitSection.prefault({}),
  sink: sinkSection.prefault({}),
  deadLetters: deadLettersSection.prefault({}),
  http: httpSection.prefault({}),
  admin: adminSection.prefault({}),
  lag: lagSection.prefault({}),
  kubernetes: kubernetesSection.prefault({}),
  scaling: scalingSection.prefault({}),
  log: logSection.prefault({}),
})

/** What the schema makes of a file and its environment; resolve.ts makes a `Config` of it. */
export type Settings = z.output<typeof configSchema>

/** JSON Schema of the file, for editors and for the chart's values. */
export function configJsonSchema() {
  return z.toJSONSchema(configSchema, { io: 'input' })
}
