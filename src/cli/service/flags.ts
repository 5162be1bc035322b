import type { FlagTable } from '../arguments.ts'

export const statusFlags = {
  url: { value: 'URL,...', about: 'addresses of the services: http://HOST:PORT of each pod' },
  watch: { about: 'again and again, until Ctrl-C' },
  interval: { value: 'TIME', about: 'with --watch: time between two looks; default: 2s' },
  json: { about: 'as one JSON object a service' },
} as const

const target = {
  topic: { value: 'NAME', about: 'the topic' },
  partition: { value: 'N', about: 'only this partition of the topic' },
  handler: { value: 'NAME', about: 'the handler' },
} as const

const reach = {
  reason: { value: 'TEXT', about: 'why: for the log, status and /lag' },
  url: { value: 'URL', about: 'address of the service: http://HOST:PORT of any pod' },
  'token-file': { value: 'FILE', about: 'file with a token of admin.tokenFile' },
} as const

export const pauseFlags = {
  ...target,
  for: { value: 'TIME', about: 'how long: 90s, 30m, 12h, 7d; default: until resume' },
  until: { value: 'TIME', about: 'when it ends: ISO 8601 with a zone' },
  ...reach,
} as const satisfies FlagTable

export const resumeFlags = { ...target, ...reach } as const satisfies FlagTable
