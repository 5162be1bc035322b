/** What a command uses of the process; tests pass their own. */
export interface Io {
  readonly stdout: TerminalStream
  readonly stderr: TerminalStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts a long command, like Ctrl-C; if absent, the command listens for Ctrl-C itself. */
  readonly signal?: AbortSignal | undefined
  /** What people type to call the program. Default: `onchain-consumer`. */
  readonly program?: string
}

/** The subset of tty.WriteStream used here. */
export interface TerminalStream {
  /** Returns false if it has no room now. @param done called once it was written */
  write(text: string | Uint8Array, done?: () => void): unknown
  /** File descriptor, for the streams of the process itself. */
  readonly fd?: number | undefined
  readonly isTTY?: boolean | undefined
  /** Width in characters. */
  readonly columns?: number | undefined
  /** Height in lines. */
  readonly rows?: number | undefined
}

export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** The text of `help <name>`, without a final newline. */
  readonly usage: string
  /** Resolves with the exit code. Throws OCC_USAGE for invalid arguments. */
  run(args: readonly string[], io: Io): Promise<number>
}
