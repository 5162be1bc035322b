/** The subset of JSON Schema (draft 7, which every Helm supports) that the values need. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
}

/**
 * Only these keys are allowed. values.yaml has all of them, so one is missing where somebody wrote null, and no
 * template is made for that where the key cannot be empty: `replicaCount: null` would be no pods.
 */
export function only(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const required = Object.keys(properties).filter((name) => !mayBeEmpty(properties[name] ?? {}))
  return {
    ...{ type: 'object', additionalProperties: false, properties },
    ...(required.length > 0 && { required }),
  }
}

function mayBeEmpty({ type, properties, anyOf, enum: choices, pattern }: JsonSchema): boolean {
  if (properties !== undefined || anyOf !== undefined || choices !== undefined) return false
  if (typeof pattern === 'string') return new RegExp(pattern).test('')
  return type !== 'integer' && type !== 'number'
}

export const text: JsonSchema = { type: 'string' }
export const flag: JsonSchema = { type: 'boolean' }

export function choice(...values: readonly string[]): JsonSchema {
  return { type: 'string', enum: values }
}

export function integer(minimum: number, maximum?: number): JsonSchema {
  return { type: 'integer', minimum, ...(maximum === undefined ? {} : { maximum }) }
}

export function number(minimum: number): JsonSchema {
  return { type: 'number', minimum }
}

export function matching(pattern: string): JsonSchema {
  return { type: 'string', pattern }
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items }
}

export function eitherOf(...schemas: readonly JsonSchema[]): JsonSchema {
  return { anyOf: schemas }
}

/** Labels or annotations. */
export const texts: JsonSchema = { type: 'object', additionalProperties: text }

/** A part of a Kubernetes object, which the API server validates better. */
export const kubernetesObject: JsonSchema = { type: 'object' }
export const kubernetesObjects: JsonSchema = listOf(kubernetesObject)

export const port = integer(1, 65_535)
/** Name of a Kubernetes object. */
export const name = matching('^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$')
/** The same, or empty. */
export const optionalName = matching('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)?$')
/** A key of a Secret or a ConfigMap. */
export const dataKey = matching('^[-._a-zA-Z0-9]{1,253}$')
export const optionalDataKey = matching('^[-._a-zA-Z0-9]{0,253}$')
/** A duration in the form of Prometheus. */
export const prometheusDuration = matching('^([0-9]+(ms|s|m|h))+$')
/** Bytes in the form of Kubernetes. */
export const quantity = matching('^[0-9]+(\\.[0-9]+)?([KMGT]i?|k)?$')
