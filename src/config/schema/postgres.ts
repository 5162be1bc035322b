import { checked, duration, file, integer, optional, setting, text } from './fields.ts'
import { checkTable } from './names.ts'

/** How long a connection may take to open, and a statement. */
export const connectionTime = duration('100ms', '5m')
export const statementTime = duration('100ms', '10m')

/** Where the server is. @param folder of the example @param description of `urlFile` */
export function serverKeys(folder: string, description: string) {
  return {
    urlFile: optional(file(), { description, example: `${folder}/url` }),
    caFile: optional(file(), {
      description:
        "Certificate authorities that are trusted for the server. Without it: Node's own list.",
      example: `${folder}/ca.crt`,
    }),
  }
}

export function tableKey(name: string) {
  return setting(checked(text(), checkTable), {
    description: 'Name of the table, with its schema if that is not the default one.',
    default: name,
  })
}

/** @param description of `maxConnections` @param defaults of each */
export function connectionKeys(
  description: string,
  defaults: {
    readonly maxConnections: number
    readonly connectionTimeout: string
    readonly statementTimeout: string
  },
) {
  return {
    maxConnections: setting(integer(2, 100), { description, default: defaults.maxConnections }),
    connectionTimeout: setting(connectionTime, {
      description: 'How long a connection may take to open.',
      default: defaults.connectionTimeout,
    }),
    statementTimeout: setting(statementTime, {
      description: 'How long a statement may take.',
      default: defaults.statementTimeout,
    }),
  }
}
