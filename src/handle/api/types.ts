import type { ChainEvent, Message } from '../../decode/types.ts'
import type { HandlerLog } from '../../kernel/log.ts'
import type { Parked } from '../../kernel/shapes/due-record.ts'
import type { TransactionQuery } from '../../kernel/shapes/held-write.ts'
import type { Outcome } from '../../kernel/shapes/outcome.ts'

/**
 * What a handler returns: nothing (done), or the result of `context.skip`, `context.dead`,
 * `context.retry` or `context.later`. Throwing is an answer too: see classify.ts.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without `return` answers void.
export type Answer = Outcome | void

/** One answer for all messages of a batch, or a list with one answer for each. */
export type BatchAnswer = Answer | ReadonlyArray<Outcome | undefined>

/** What `emit` sends in addition to the value. */
export interface EmitOptions {
  /** Key of the Kafka record; ignored by sinks without keys. */
  readonly key?: string | null
  /**
   * Idempotency key: the same for the same result, however often it is emitted, for example an
   * event's `id`. Default: `topic/partition/offset/handler/n`, where n counts the emits of the
   * message.
   */
  readonly id?: string
  /**
   * The message that it is for; only batch handlers need it. With `offsets.store: postgres` its rows
   * are then written with that message; without it, with all messages of the batch together.
   */
  readonly message?: Message
}

/** Statements of a transaction that is open: `query(text, values)`. */
export type { TransactionQuery }

export interface TransactionOptions {
  /** As for `emit`. */
  readonly message?: Message
}

export type Emit = (sink: string, value: unknown, options?: EmitOptions) => Promise<void>

/** What a handler gets with every call. Its functions may be destructured. */
export interface HandlerContext {
  /** Adds the name of the handler to every line. */
  readonly log: HandlerLog
  /** Aborts when the timeout has passed, or the partition has moved to another process. */
  readonly signal: AbortSignal
  /** 1 for the first call with this message in this process. */
  readonly attempt: number
  /**
   * The message was handled before, and an operator has set the offset back to have it handled once
   * more: send no alert for it. A batch never has both kinds.
   */
  readonly replay: boolean
  /** The message was parked (see `later`), and is handled again; null: it was not. */
  readonly parked: Parked | null
  /** `options` of the handler in the configuration. */
  readonly options: Readonly<Record<string, unknown>>
  /**
   * Sends a value to a configured sink, as JSON unless it is text or bytes; bigints become decimal
   * text. Resolves when the sink has acknowledged it. Emits that are not awaited are waited for
   * before the message counts as handled.
   */
  readonly emit: Emit
  /**
   * Only with `offsets.store: postgres`, and not in worker threads: has the function run in the
   * transaction that finishes the message, after the rows that were emitted, once all handlers are
   * done with it. If a statement fails, nothing of the message is written. It may run again, so it
   * must do nothing but queries, and await them.
   */
  transaction(
    work: (query: TransactionQuery) => Promise<unknown>,
    options?: TransactionOptions,
  ): void
  /** The message cannot be handled: it becomes a dead letter. */
  dead(reason: string): Outcome
  /** The message needs no handling. */
  skip(reason: string): Outcome
  /**
   * Tries again later. @param after milliseconds, at most `retry.maxAfter`; default: the backoff.
   */
  retry(after?: number, reason?: string): Outcome
  /**
   * Only with `parked.store: postgres`: keeps the message and handles it again when it is due, in
   * any process of the group. Its offset is finished, and those behind it go on.
   * @param after milliseconds, at most 30 days
   */
  later(after: number, reason?: string): Outcome
}

/** What `open` gets, once, before the first message. */
export interface OpenContext {
  readonly log: HandlerLog
  readonly options: Readonly<Record<string, unknown>>
}

/** Which events a handler gets: a function, or rules as in `handlers[].filter`. */
export type HandlerFilter = ((event: ChainEvent) => boolean) | FilterRules

/** Rules for events. All rules given must hold; those left out have no effect. */
export interface FilterRules {
  readonly kinds?: ReadonlyArray<ChainEvent['kind']> | undefined
  readonly chains?: ReadonlyArray<ChainEvent['chain']> | undefined
  /** At least one of these takes part. */
  readonly addresses?: readonly string[] | undefined
  /** A file with more addresses, one per line; read again when it changes. */
  readonly addressesFile?: string | undefined
  /**
   * Which side must be one of the addresses. `from`, `to`: the event's `from` or `fromAccount`, `to`
   * or `toAccount`, so a list may name wallets or token accounts. `any` (default): one of the event's
   * `addresses`, signer and fee payer included.
   */
  readonly addressRole?: 'any' | 'from' | 'to' | undefined
  /** Address (mint, contract) or symbol. Symbols are not unique on any chain. */
  readonly assets?: readonly string[] | undefined
  /** In units of the asset, as text: `'1000.5'`. Events with unknown decimals do not pass. */
  readonly minAmount?: string | undefined
  /** In the smallest units of the asset, as text. */
  readonly minAmountSmallest?: string | undefined
  readonly success?: boolean | undefined
}

interface HandlerBase {
  /** Labels metrics and dead letters; the configuration may override it. */
  readonly name: string
  /**
   * Names of the sinks that it emits to. If one of them is not configured, `check` says so, and the
   * service does not start. Without this list, the first emit to it fails.
   */
  readonly sinks?: readonly string[]
  /** Called before the first message. If it fails, the service does not start. */
  open?(context: OpenContext): void | Promise<void>
  /** Called after the last message. */
  close?(): void | Promise<void>
  /** The ordering key with `processing.order: key`; null: the message is not ordered. */
  key?(message: Message): string | null
  /**
   * The identity of a message, instead of the ids of its events. A message whose id was handled
   * before is not handed to this handler. null: it always is.
   */
  id?(message: Message): string | null
  /** Other events are left out of `message.events`. With none left the handler is not called. */
  readonly filter?: HandlerFilter
}

export interface SingleHandler extends HandlerBase {
  readonly batch?: undefined
  handle(message: Message, context: HandlerContext): Answer | PromiseLike<Answer>
}

export interface BatchOptions {
  /** Maximum messages per call. */
  readonly size: number
  /** Maximum milliseconds the first message waits for others. */
  readonly within: number
}

export interface BatchHandler extends HandlerBase {
  readonly batch: BatchOptions
  /**
   * Messages of one partition in order. A batch that fails is split in half and each half is handed
   * over again, until the message that cannot be handled is found.
   */
  handle(
    messages: readonly Message[],
    context: HandlerContext,
  ): BatchAnswer | PromiseLike<BatchAnswer>
}

export type Handler = SingleHandler | BatchHandler
