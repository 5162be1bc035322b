import type { FlagTable } from '../arguments.ts'

export const adminFlags = {
  topic: { value: 'NAME', about: 'the topic' },
  partition: { value: 'N', about: 'only this partition of it' },
  handler: { value: 'NAME', about: 'the handler' },
  url: { value: 'URL,...', about: 'where the services listen: http://HOST:PORT of each pod' },
  'token-file': { value: 'FILE', about: 'file with the token of admin.tokenFile' },
} as const satisfies FlagTable
