import { readFile } from 'node:fs/promises'
import { messageOf, OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { type FileWatch, fingerprint, watchFile } from '../../kernel/watch-file.ts'
import type { AddressList } from './event-filter.ts'

/** Files of addresses, each read once for all who name it, and again when it changes. */
export interface AddressLists {
  /** Throws OCC_ADDRESS_LIST when it cannot be read or holds no address. */
  open(path: string): Promise<AddressList>
  /** Looks at the files now. */
  check(): Promise<void>
  close(): void
}

interface OpenList {
  addresses: ReadonlySet<string>
  readonly watch: FileWatch
}

/**
 * A changed file is taken up while the service runs; one that cannot be read, or has no address any
 * more, leaves the old list in place and is said.
 */
export function createAddressLists(log: Log): AddressLists {
  const lists = new Map<string, OpenList>()

  async function openList(path: string): Promise<OpenList> {
    const seen = await fingerprint(path)
    let isFaulty = false
    const list = {
      addresses: await readAddresses(path),
      watch: watchFile(path, () => refresh().then(saidWell, saidIll), seen),
    }

    async function refresh(): Promise<void> {
      const before = list.addresses.size
      list.addresses = await readAddresses(path)
      log.info(
        { event: 'addresses.reloaded', path, addresses: list.addresses.size, before },
        `${path} has changed: ${list.addresses.size} addresses, ${before} before`,
      )
    }

    function saidWell(): boolean {
      isFaulty = false
      return true
    }

    function saidIll(error: unknown): boolean {
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
      // Several handlers that name one file open it at the same time.
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
 * The first word of each line; the rest of the line, lines that begin with #, and empty ones are for
 * people. `ADDRESS,name` is read too.
 */
async function readAddresses(path: string): Promise<ReadonlySet<string>> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw unreadable(path, error)
  })
  const addresses = new Set<string>()
  for (const line of text.split('\n')) {
    const [address = ''] = line.trim().split(/[\s,;]/, 1)
    if (address !== '' && !address.startsWith('#')) addresses.add(address)
  }
  if (addresses.size > 0) return addresses
  throw new OccError(
    'OCC_ADDRESS_LIST',
    `${path} holds no address: with it, no event would pass. Write one address a line.`,
  )
}

function unreadable(path: string, error: unknown): OccError {
  return new OccError(
    'OCC_ADDRESS_LIST',
    `The address list ${path} cannot be read: ${messageOf(error)}. Mount it there, or correct addressesFile.`,
    { cause: error },
  )
}
