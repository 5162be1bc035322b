/** What a command can reach of the process; tests hand in their own. */
export interface Io {
  readonly stdout: TerminalStream
  readonly stderr: TerminalStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends a long command early, as Ctrl-C does; without it the command listens for Ctrl-C itself. */
  readonly signal?: AbortSignal | undefined
}

/** The part of a tty.WriteStream that is used here. */
export interface TerminalStream {
  write(text: string): unknown
  /** File descriptor, of the streams of the process itself. */
  readonly fd?: number | undefined
  readonly isTTY?: boolean | undefined
  /** Width in characters. */
  readonly columns?: number | undefined
}

export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** The text of `help <name>`, without a final newline. */
  readonly usage: string
  /** Resolves with the exit code. Throws OCC_USAGE for arguments that are wrong. */
  run(args: readonly string[], io: Io): Promise<number>
}
