import { readFile } from 'node:fs/promises'
import { canonicalAddress } from '../../kernel/address.ts'
import { messageOf, OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { type FileWatch, fingerprint, watchFile } from '../../kernel/watch-file.ts'
import type { AddressList } from './event-filter.ts'

/** Address files. Each is read once for all its users, and again when it changes. */
export interface AddressLists {
  /** Throws OCC_ADDRESS_LIST if the file cannot be read or contains no address. */
  open(path: string): Promise<AddressList>
  /** Checks the files now. */
  check(): Promise<void>
  close(): void
}

interface OpenList {
  addresses: ReadonlySet<string>
  readonly watch: FileWatch
}

/**
 * A changed file is reloaded while the service runs. If it cannot be read, or contains no address,
 * the old list stays and the problem is logged.
 */
export function createAddressLists(log: Log): AddressLists {
  const lists = new Map<string, OpenList>()

  async function openList(path: string): Promise<OpenList> {
    const seen = await fingerprint(path)
    let isFaulty = false
    const list = {
      addresses: await readAddresses(path),
      watch: watchFile(path, () => refresh().then(onReloaded, onFailed), seen),
    }

    async function refresh(): Promise<void> {
      const before = list.addresses.size
      list.addresses = await readAddresses(path)
      log.info(
        { event: 'addresses.reloaded', path, addresses: list.addresses.size, before },
        `${path} has changed: ${list.addresses.size} addresses, ${before} before`,
      )
    }

    function onReloaded(): boolean {
      isFaulty = false
      return true
    }

    function onFailed(error: unknown): boolean {
      const text = `${messageOf(error)} The old list stays.`
      if (!isFaulty) log.error({ event: 'addresses.not-reloaded', path }, text)
      isFaulty = true
      return false
    }

    return list
  }

  return {
    async open(path) {
      const opened = lists.get(path) ?? (await openList(path))
      // Several handlers may open the same file at the same time.
      const list = lists.get(path) ?? opened
      if (list !== opened) void opened.watch.close()
      lists.set(path, list)
      return { has: (address) => list.addresses.has(address) }
    },
    async check() {
      await Promise.all(Array.from(lists.values(), ({ watch }) => watch.check()))
    },
    close() {
      for (const { watch } of lists.values()) void watch.close()
    },
  }
}

/**
 * The first word of each line. The rest of the line, lines that begin with # and empty lines are
 * ignored. `ADDRESS,name` is accepted too.
 */
async function readAddresses(path: string): Promise<ReadonlySet<string>> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw unreadable(path, error)
  })
  const addresses = new Set<string>()
  for (const line of text.split('\n')) {
    const [address = ''] = line.trim().split(/[\s,;]/, 1)
    if (address !== '' && !address.startsWith('#')) addresses.add(canonicalAddress(address))
  }
  if (addresses.size > 0) return addresses
  throw new OccError(
    'OCC_ADDRESS_LIST',
    `${path} contains no address, so no event would pass. Write one address per line.`,
  )
}

function unreadable(path: string, error: unknown): OccError {
  return new OccError(
    'OCC_ADDRESS_LIST',
    `The address list ${path} cannot be read: ${messageOf(error)}. Mount it there, or correct addressesFile.`,
    { cause: error },
  )
}
