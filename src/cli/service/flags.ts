import type { FlagTable } from '../arguments.ts'

export const statusFlags = {
  url: { value: 'URL,...', about: 'addresses of the services: http://HOST:PORT of each pod' },
  watch: { about: 'again and again, until Ctrl-C' },
  interval: { value: 'TIME', about: 'with --watch: time between two looks; default: 2s' },
  json: { about: 'as one JSON object a service' },
} as const

export const pauseFlags = {
  topic: { value: 'NAME', about: 'the topic' },
  partition: { value: 'N', about: 'only this partition of the topic' },
  handler: { value: 'NAME', about: 'the handler' },
  url: { value: 'URL,...', about: 'addresses of the services: http://HOST:PORT of each pod' },
  'token-file': { value: 'FILE', about: 'file with the token of admin.tokenFile' },
} as const satisfies FlagTable
