import { type PlanFile, writePlanFile } from '../../group/offsets/plan-file.ts'
import { listOf, parseFlags } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { counted } from '../terminal/terminal.ts'
import { committedOf, nowText, writePlan } from './files.ts'
import { exportFlags, statusFlags } from './flags.ts'
import { readRecorded, withOffsets } from './open.ts'
import { statusText } from './text.ts'

/** Prints the offsets of the group, and how far its replays are. */
export async function status(args: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(args, statusFlags)
  return withOffsets(flags, io, async (control) => {
    const state = await control.read(topicsOf(flags.topic))
    io.stdout.write(`${flags.json === undefined ? statusText(state, io) : JSON.stringify(state)}\n`)
    return 0
  })
}

/** Writes the committed or the recorded offsets as a plan file, for `offsets import`. */
export async function exportOffsets(args: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(args, exportFlags)
  const topics = topicsOf(flags.topic)
  const { group, partitions } =
    flags.recorded === undefined
      ? await withOffsets(flags, io, async (control) => {
          const read = await control.read(topics)
          return { group: read.group, partitions: committedOf(read.partitions) }
        })
      : await readRecorded(flags, io)
  const wanted = partitions.filter(({ topic }) => topics?.includes(topic) ?? true)
  const file: PlanFile = { group, at: nowText(), partitions: wanted }
  if (flags.out === undefined) io.stdout.write(writePlanFile(file))
  else {
    writePlan(flags.out, file)
    io.stdout.write(`Written to ${flags.out}: ${counted(wanted.length, 'offset')}.\n`)
  }
  return 0
}

function topicsOf(text: string | undefined): readonly string[] | null {
  return text === undefined ? null : listOf(text).filter((name) => name !== '')
}
