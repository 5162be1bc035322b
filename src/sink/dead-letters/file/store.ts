import { readdir, unlink } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { codeOf, messageOf, OccError } from '../../../kernel/errors.ts'
import type { Clock } from '../../../kernel/time/clock.ts'
import { appendSafely } from '../../line-file.ts'
import { fits } from '../filter.ts'
import { outlineOf } from '../outline.ts'
import type { DeadLetterStore, Reading, StoredLetter } from '../types.ts'
import { closeFile } from './close-file.ts'
import { inOrder, LetterIndex, type Marker, type OpenEntry } from './letter-index.ts'
import { lineToLetter } from './letter-line.ts'
import { lockFolder } from './lock.ts'
import { isCurrent, isData, isLetters, isMarkers, markersFile } from './names.ts'
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

  /** @param keptOf What the index keeps of a letter. */
  async function readIndex<Kept>(
    files: readonly string[],
    keptOf: (letter: StoredLetter, place: LinePlace) => Kept,
    goesOn: Reading['goesOn'] = () => true,
  ): Promise<LetterIndex<Kept>> {
    const index = new LetterIndex<Kept>()
    // Markers first: what they end needs no memory.
    for (const name of [...files.filter(isMarkers), ...files.filter(isLetters)]) {
      for await (const { text, ...place } of readLines(join(folder, name))) {
        const marker = isMarkers(name) ? lineToMarker(text) : null
        const letter = marker === null ? lineToLetter(text) : null
        if (marker !== null) index.marker(marker)
        else if (letter !== null) index.letter(letter, keptOf(letter, place))
        else onUnreadable(place)
        if (!(await goesOn(index.held))) return index
      }
    }
    return index
  }

  async function* outlines(goesOn: Reading['goesOn']): AsyncGenerator<StoredLetter> {
    const index = await readIndex(await names(), outlineOf, goesOn)
    for (const { place, sendingSince } of [...index.open()].sort(inOrder)) {
      yield { ...place, sendingSince }
    }
  }

  async function* letters(goesOn: Reading['goesOn']): AsyncGenerator<StoredLetter> {
    const index = await readIndex(await names(), (_, place) => place, goesOn)
    for (const entry of [...index.open()].sort(inOrder)) {
      const letter = await readLetter(entry)
      if (letter !== null) yield { ...letter, sendingSince: entry.sendingSince }
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
    const handled = await readIndex(marked, (_, place) => place)
    for (const name of (await names()).filter(isLetters)) {
      if (!(await isHandled(join(folder, name), handled))) continue
      if (!isCurrent(name)) {
        await unlink(join(folder, name))
        continue
      }
      // A process may be appending to it: later lines go to a new file (line-file.ts).
      const closed = await closeFile(folder, name, clock.now())
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
    async *list(filter, { outlines: areOutlines = false, goesOn } = {}) {
      const found = areOutlines ? outlines(goesOn) : letters(goesOn)
      for await (const letter of found) if (fits(letter, filter)) yield letter
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
