import { stringify } from 'yaml'
import { fields } from '../../src/config/schema/catalog.ts'

/** The keys that a running service reads again: changing them replaces no pods. */
export function liveKeysFile(): string {
  const keys = fields.filter(({ live }) => live).map(({ key }) => key)
  const inEntries = (list: string) => fields.find(({ key }) => key === list)?.liveInEntries ?? []
  return [
    '# Keys of `config` that a running service reads again, and those of the entries of',
    '# `config.handlers` and `config.alerts`.',
    '# Written by npm run docs, from config/schema/ of the service.',
    stringify({ keys, handlers: inEntries('handlers'), alerts: inEntries('alerts') }),
  ].join('\n')
}
