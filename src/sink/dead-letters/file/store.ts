import { readdir, rename, unlink } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { codeOf, messageOf, OccError } from '../../../kernel/errors.ts'
import type { Clock } from '../../../kernel/time/clock.ts'
import { appendSafely } from '../../line-file.ts'
import { fits } from '../filter.ts'
import type { DeadLetterStore, StoredLetter } from '../types.ts'
import { inOrder, LetterIndex, type Marker, type OpenEntry } from './letter-index.ts'
import { lineToLetter } from './letter-line.ts'
import { lockFolder } from './lock.ts'
import { closedFile, isCurrent, isData, isLetters, isMarkers, markersFile } from './names.ts'
import { type LinePlace, readLine, readLines } from './read-lines.ts'

export interface FileStoreOptions {
  readonly folder: string
  /** Result of `writerName`. */
  readonly writer: string
  /** Called for each line that is neither a letter nor a marker. */
  readonly onUnreadable?: (place: LinePlace) => void
}

/**
 * The letters in a folder's files. Reading is safe while processes append. Handled letters are
 * noted in a file of markers; a file whose letters are all handled is deleted.
 */
export function createFileStore(options: FileStoreOptions, clock: Clock): DeadLetterStore {
  const { folder, writer, onUnreadable = () => {} } = options
  const markers = join(folder, markersFile(writer))
  let unlock: (() => Promise<void>) | null = null

  async function names(): Promise<string[]> {
    return (await dataFiles()) ?? []
  }

  /** null: there is no folder. */
  async function dataFiles(): Promise<string[] | null> {
    try {
      return (await readdir(folder)).filter(isData).sort()
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null
      throw new OccError(
        'OCC_DEAD_LETTERS_READ',
        `Cannot read ${folder} (deadLetters.file.folder): ${messageOf(error)}`,
        { cause: error },
      )
    }
  }

  async function readIndex(files: readonly string[]): Promise<LetterIndex<LinePlace>> {
    const index = new LetterIndex<LinePlace>()
    for (const name of files) await readInto(index, name)
    return index
  }

  async function readInto(index: LetterIndex<LinePlace>, name: string): Promise<void> {
    for await (const { text, ...place } of readLines(join(folder, name))) {
      const marker = isMarkers(name) ? lineToMarker(text) : null
      const letter = marker === null ? lineToLetter(text) : null
      if (marker !== null) index.marker(marker)
      else if (letter !== null) index.letter(letter, place)
      else onUnreadable(place)
    }
  }

  async function mark(kind: Marker['marker'], letters: readonly StoredLetter[]): Promise<void> {
    const at = clock.now()
    const lines = letters.map(({ id, failedAt }) => {
      const marker: Marker = { marker: kind, id, failedAt, at }
      return `${JSON.stringify(marker)}\n`
    })
    if (lines.length > 0) await appendSafely(markers, lines.join(''))
  }

  /** Only under the lock, which makes this process the only writer of markers. */
  async function removeHandled(): Promise<void> {
    const marked = (await names()).filter(isMarkers)
    const handled = await readIndex(marked)
    for (const name of (await names()).filter(isLetters)) {
      if (!(await isHandled(join(folder, name), handled))) continue
      if (!isCurrent(name)) {
        await unlink(join(folder, name))
        continue
      }
      // A process may be appending to it: later lines go to a new file (line-file.ts).
      const closed = join(folder, closedFile(name, clock.now()))
      await rename(join(folder, name), closed)
      if (await isHandled(closed, handled)) await unlink(closed)
    }
    if ((await names()).some(isLetters)) return
    for (const name of marked) await unlink(join(folder, name))
  }

  async function isHandled(path: string, handled: LetterIndex<LinePlace>): Promise<boolean> {
    for await (const { text } of readLines(path)) {
      const letter = lineToLetter(text)
      // A torn line was never acknowledged, so its record was delivered again.
      if (letter !== null && handled.isOpen(letter.id, letter.failedAt)) return false
    }
    return true
  }

  /** The letter's file may have been closed, and thus renamed, since the index was built. */
  async function readLetter(entry: OpenEntry<LinePlace>): Promise<StoredLetter | null> {
    const { path } = entry.place
    const there = await readAt(entry, path)
    if (there !== null) return there
    const stem = basename(path).split('.')[0] ?? ''
    for (const name of await names()) {
      const moved = name.startsWith(`${stem}.`) ? await readAt(entry, join(folder, name)) : null
      if (moved !== null) return moved
    }
    return null
  }

  async function readAt(entry: OpenEntry<LinePlace>, path: string): Promise<StoredLetter | null> {
    const letter = lineToLetter(await readLine({ ...entry.place, path }).catch(() => ''))
    return letter?.id === entry.id && letter.failedAt === entry.failedAt ? letter : null
  }

  return {
    places: async () => [
      { name: `the folder ${resolve(folder)}`, exists: (await dataFiles()) !== null },
    ],
    async *list(filter) {
      const index = await readIndex(await names())
      for (const entry of [...index.open()].sort(inOrder)) {
        const letter = await readLetter(entry)
        if (letter === null) continue
        const found = { ...letter, sendingSince: entry.sendingSince }
        if (fits(found, filter)) yield found
      }
    },
    sending: (letters) => mark('sending', letters),
    returned: (letters) => mark('returned', letters),
    end: (letters, how) => mark(how, letters),
    async lock() {
      unlock = await lockFolder(folder)
    },
    async close() {
      if (unlock === null) return
      try {
        await removeHandled()
      } finally {
        await unlock()
        unlock = null
      }
    },
  }
}

function lineToMarker(line: string): Marker | null {
  try {
    const marker = JSON.parse(line)
    return typeof marker.marker === 'string' && typeof marker.id === 'string' ? marker : null
  } catch {
    return null
  }
}
