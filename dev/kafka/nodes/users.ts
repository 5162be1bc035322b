import { CodedError } from '../../../src/kernel/errors.ts'
import type { KafkaOptions, KafkaUser } from '../types.ts'

const DEFAULT_USER: KafkaUser = { username: 'onchain', password: 'onchain-secret' }
const ADMIN: KafkaUser = { username: 'admin', password: 'admin-secret' }

export interface KafkaUsers {
  readonly user: KafkaUser
  readonly admin: KafkaUser
  readonly all: readonly KafkaUser[]
}

/** @throws OccError OCC_KAFKA_OPTION for a name or password that Kafka's syntax cannot express */
export function allUsers(options: Pick<KafkaOptions, 'user' | 'users'>): KafkaUsers {
  const user = options.user ?? DEFAULT_USER
  const all = [user, ADMIN, ...(options.users ?? [])]
  for (const { username, password } of all) {
    if (/^[\w.-]+$/.test(username) && /^[^\s"',;=[\]\\]+$/.test(password)) continue
    throw new CodedError(
      'OCC_KAFKA_OPTION',
      `the embedded Kafka cannot have the user "${username}" with that password: use letters, ` +
        'digits, . _ - in the name, and no spaces, quotes, commas, brackets, =, ; or \\ in the password',
    )
  }
  return { user, admin: ADMIN, all }
}
