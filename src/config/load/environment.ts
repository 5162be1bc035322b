import { nearest } from '../../kernel/text/suggest.ts'
import type { Problem } from '../check/problems.ts'
import { propertyRule } from '../properties/index.ts'
import { type Field, fields } from '../schema/catalog.ts'
import { type Layers, setAt } from './layers.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Read by the loader itself; not a key of the file. */
const OWN_NAMES: ReadonlySet<string> = new Set(['OCC_CONFIG'])

/** Common names in other software for our variables. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    KAFKA_BROKERS: 'KAFKA_BOOTSTRAP_SERVERS',
    KAFKA_BROKER: 'KAFKA_BOOTSTRAP_SERVERS',
    KAFKA_BOOTSTRAP_SERVER: 'KAFKA_BOOTSTRAP_SERVERS',
    KAFKA_TOPIC: 'KAFKA_TOPICS',
    KAFKA_CONSUMER_GROUP: 'KAFKA_GROUP_ID',
    KAFKA_SASL_USER: 'KAFKA_SASL_USERNAME',
  }),
)

/** Variables that would hold secrets, and those to use instead, which name files. */
const SECRETS: ReadonlyMap<string, string> = new Map([
  ['KAFKA_SASL_PASSWORD', 'KAFKA_SASL_PASSWORD_FILE'],
  ['KAFKA_SSL_KEY_PASSWORD', 'KAFKA_SSL_KEY_PASSWORD_FILE'],
])

/** Variables that Kubernetes adds for each Service of the namespace. */
const SERVICE_LINK = /_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/

/** Overrides the values of the file with the environment; an empty variable is unset. */
export function applyEnvironment(
  layers: Layers,
  env: Environment,
): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const known = new Map(fields.map((field) => [field.env, field]))
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '' || OWN_NAMES.has(name)) continue
    const field = known.get(name)
    const secretFile = SECRETS.get(name)
    if (field !== undefined) {
      if (isServiceLink(value)) warnings.push(serviceLink(name, value))
      else set(layers, field, name, value)
    } else if (secretFile !== undefined) {
      problems.push(secretInEnvironment(name, secretFile))
    } else if (!SERVICE_LINK.test(name) && !isServiceLink(value)) {
      if (name.startsWith('OCC_')) problems.push(unknown(name))
      else if (name.startsWith('KAFKA_')) warnings.push(...suspicious(name))
    }
  }
  return { problems, warnings }
}

function set({ values, sources }: Layers, field: Field, name: string, value: string): void {
  const converted =
    field.kind === 'integer' && /^-?\d+$/.test(value.trim()) ? Number(value) : value.trim()
  setAt(values, field.path, converted)
  sources.set(field.key, name)
}

/** A Service named `http` makes Kubernetes set HTTP_PORT=tcp://10.0.0.1:80. */
function isServiceLink(value: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(value)
}

function serviceLink(name: string, value: string): Problem {
  return {
    key: name,
    value: JSON.stringify(value),
    message: 'was set by Kubernetes for a Service of that name, and is ignored',
    remedy: 'set enableServiceLinks: false in the pod, or rename the Service',
  }
}

function secretInEnvironment(name: string, instead: string): Problem {
  return {
    key: name,
    message: 'is a secret in the environment, where other processes and crash dumps show it',
    remedy: `unset it, and set ${instead} to a file that holds it, mounted from a Secret`,
  }
}

/** Variables of renamed keys. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['OCC_DUPLICATES_WINDOW', 'OCC_DEDUPLICATION_WINDOW'],
  ['OCC_SINK_FAILED_RECORDS_FILE', 'OCC_DEAD_LETTERS_FILE_FOLDER, which names a folder'],
  ['OCC_SINK_FAILED_RECORDS_MAX_BYTES', 'OCC_DEAD_LETTERS_FILE_MAX_BYTES'],
])

function unknown(name: string): Problem {
  const renamed = RENAMED.get(name)
  if (renamed !== undefined) {
    return { key: name, message: `was renamed to ${renamed}`, remedy: `use ${renamed}` }
  }
  const names = fields.flatMap(({ env }) => (env === undefined ? [] : [env]))
  const meant = ofKey(name) ?? nearest(name, names)
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  return {
    key: name,
    message: `is not a known variable.${hint}`,
    remedy: `${meant === undefined ? 'remove it' : `name it ${meant}`}; docs/configuration.md lists all`,
  }
}

/** `OCC_KAFKA_GROUP_ID` for a field whose variable is KAFKA_GROUP_ID. */
function ofKey(name: string): string | undefined {
  const keys = fields.map(({ key }) => key)
  const key = nearest(name.slice('OCC_'.length), keys)
  return fields.find((field) => field.key === key)?.env
}

/** KAFKA_* variables may belong to other software, so an unknown one is only a warning. */
function suspicious(name: string): Problem[] {
  const instead = ALIASES.get(name) ?? ofProperty(name) ?? closeName(name)
  if (instead === undefined) return []
  return [
    {
      key: name,
      message: `is not read. Did you mean ${instead}?`,
      remedy: `name it ${instead}, or remove it`,
    },
  ]
}

function ofProperty(name: string): string | undefined {
  const property = name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.')
  const key = propertyRule(property)?.key
  return fields.find((field) => field.key === key)?.env
}

function closeName(name: string): string | undefined {
  const names = fields.flatMap(({ env }) => (env?.startsWith('KAFKA_') ? [env] : []))
  return nearest(name, names, 2)
}
