/** One instruction of a Dockerfile, its continuation lines joined. */
export interface Instruction {
  /** Upper case: FROM, COPY, RUN ... */
  readonly name: string
  readonly value: string
}

export interface Stage {
  /** What FROM names, with `${...}` as written. */
  readonly from: string
  /** The name after AS; empty for the last stage. */
  readonly name: string
  readonly instructions: readonly Instruction[]
}

export interface Copy {
  /** The stage that it copies from; null: from the build context. */
  readonly stage: string | null
  readonly sources: readonly string[]
  readonly target: string
}

/** Reads a Dockerfile of the plain kind: no here-documents, no parser directives. */
export function readDockerfile(text: string): {
  readonly globals: readonly Instruction[]
  readonly stages: readonly Stage[]
} {
  const globals: Instruction[] = []
  const stages: { from: string; name: string; instructions: Instruction[] }[] = []
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, ' ')
  for (const line of joined.split('\n').filter((line) => line.trim() !== '')) {
    const [, name = '', value = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? []
    const instruction = { name: name.toUpperCase(), value }
    if (instruction.name === 'FROM') {
      const [from = '', , stage = ''] = value.split(/\s+/)
      stages.push({ from, name: stage, instructions: [] })
    } else {
      const instructions = stages.at(-1)?.instructions ?? globals
      instructions.push(instruction)
    }
  }
  return { globals, stages }
}

/** The values of all instructions of that name, in order. */
export function valuesOf(instructions: readonly Instruction[], name: string): string[] {
  return instructions.filter((one) => one.name === name).map(({ value }) => value)
}

export function copiesOf(stage: Stage): Copy[] {
  return valuesOf(stage.instructions, 'COPY').map((value) => {
    const words = value.split(/\s+/)
    const flag = words.find((word) => word.startsWith('--from='))
    const paths = words.filter((word) => !word.startsWith('--'))
    return {
      stage: flag === undefined ? null : flag.slice('--from='.length),
      sources: paths.slice(0, -1),
      target: paths.at(-1) ?? '',
    }
  })
}

/** `a="1" b=2` as {a: '1', b: '2'}. */
export function pairs(values: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const match of values.join(' ').matchAll(/([\w.-]+)=(?:"([^"]*)"|(\S+))/g)) {
    found[match[1] ?? ''] = match[2] ?? match[3] ?? ''
  }
  return found
}
