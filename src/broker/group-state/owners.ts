import { partitionName } from '../../kernel/shapes/record.ts'
import { decodeAssignment } from '../group/assignors/index.ts'
import type { DescribedMember } from '../protocol/index.ts'

/** Which member has each partition, as `client id (address)`. Keys are `partitionName`s. */
export function ownersOf(members: readonly DescribedMember[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  for (const { clientId, clientHost, assignment } of members) {
    const owner = `${clientId} (${hostOf(clientHost)})`
    for (const [topic, partitions] of assignmentOf(assignment)) {
      for (const partition of partitions) owners.set(partitionName({ topic, partition }), owner)
    }
  }
  return owners
}

/** Brokers write the address of a client behind a slash. */
export function hostOf(clientHost: string): string {
  return clientHost.replace(/^\//, '')
}

/** A member of other software may have one of another form: then it is empty. */
export function assignmentOf(assignment: Buffer): ReadonlyMap<string, readonly number[]> {
  try {
    return decodeAssignment(assignment)
  } catch {
    return new Map()
  }
}
