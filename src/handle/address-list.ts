import { readFile, stat } from 'node:fs/promises'
import { messageOf, OccError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
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
  readonly path: string
  addresses: ReadonlySet<string>
  /** Of the file as it was read. */
  read: string
  /** Of the file as it was seen last. */
  seen: string
  isFaulty: boolean
}

const CHECK_INTERVAL = 1_000

/**
 * Looks at the files once a second, by their path: so a changed file is noticed, and the new link
 * that a ConfigMap's folder gets, on every file system. A change is taken up when the file looks the
 * same twice, as it may be in the middle of being written; one that cannot be read, or has no
 * address any more, leaves the old list in place and is said.
 */
export function createAddressLists(log: Log): AddressLists {
  const lists = new Map<string, OpenList>()
  let timer: NodeJS.Timeout | null = null
  let checking: Promise<void> | null = null

  async function refresh(list: OpenList): Promise<void> {
    const { path } = list
    try {
      const now = await fingerprint(path)
      const isSettled = now === list.seen
      list.seen = now
      if (now === list.read || !isSettled) return
      const before = list.addresses.size
      list.addresses = await readAddresses(path)
      list.read = now
      list.isFaulty = false
      log.info(
        { event: 'addresses.reloaded', path, addresses: list.addresses.size, before },
        `${path} has changed: ${list.addresses.size} addresses, ${before} before`,
      )
    } catch (error) {
      if (!list.isFaulty) {
        log.error(
          { event: 'addresses.not-reloaded', path },
          `${messageOf(error)} The old list stays.`,
        )
      }
      list.isFaulty = true
    }
  }

  function check(): Promise<void> {
    checking ??= Promise.all([...lists.values()].map(refresh))
      .then(() => {})
      .finally(() => {
        checking = null
      })
    return checking
  }

  return {
    async open(path) {
      let list = lists.get(path)
      if (list === undefined) {
        const seen = await fingerprint(path)
        const addresses = await readAddresses(path)
        list = { path, addresses, read: seen, seen, isFaulty: false }
        lists.set(path, list)
      }
      const opened = list
      timer ??= setInterval(() => void check(), CHECK_INTERVAL).unref()
      return { has: (address) => opened.addresses.has(address) }
    },
    check,
    close() {
      if (timer !== null) clearInterval(timer)
      timer = null
    },
  }
}

/** Of what the path leads to at last: another file by another link is another one. */
async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs } = await stat(path)
    return `${dev} ${ino} ${size} ${mtimeMs}`
  } catch (error) {
    throw unreadable(path, error)
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
