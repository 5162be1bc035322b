import type { FlagTable } from '../arguments.ts'

export const adminFlags = {
  topic: { value: 'NAME', about: 'the topic' },
  partition: { value: 'N', about: 'only this partition of the topic' },
  handler: { value: 'NAME', about: 'the handler' },
  url: { value: 'URL,...', about: 'addresses of the services: http://HOST:PORT of each pod' },
  'token-file': { value: 'FILE', about: 'file with the token of admin.tokenFile' },
} as const satisfies FlagTable
