import type { ChainEvent, Message } from '../../decode/types.ts'
import type { HandlerLog } from '../../kernel/log.ts'
import type { Outcome } from '../../kernel/outcome.ts'

/**
 * What a handler answers: nothing (it is done), or what `context.skip`, `dead` and `retry` make.
 * Throwing is an answer too: see classify.ts.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without `return` answers void.
export type Answer = Outcome | void

/** One answer for all messages of a batch, or a list with one for each. */
export type BatchAnswer = Answer | ReadonlyArray<Outcome | undefined>

/** What `emit` sends beside the value. */
export interface EmitOptions {
  /** Key of a Kafka record; ignored by sinks that have none. */
  readonly key?: string | null
  /**
   * Idempotency key: the same for the same result, however often it is emitted; an event's `id`,
   * say. Default: `topic/partition/offset/handler/n`, where n counts the emits of the message.
   */
  readonly id?: string
}

export type Emit = (sink: string, value: unknown, options?: EmitOptions) => Promise<void>

/** What a handler is given with every call. Its functions may be taken out of it. */
export interface HandlerContext {
  /** Its lines carry the name of the handler. */
  readonly log: HandlerLog
  /** Aborts when the timeout is over, or the partition has moved to another process. */
  readonly signal: AbortSignal
  /** 1 for the first call with this message in this process. */
  readonly attempt: number
  /** `options` of the handler in the configuration. */
  readonly options: Readonly<Record<string, unknown>>
  /**
   * Sends a value to a sink of the configuration, as JSON unless it is text or bytes; bigints
   * become decimal text. Resolves when the sink has acknowledged it. What is not awaited is waited
   * for before the message counts as handled.
   */
  readonly emit: Emit
  /** The message cannot be handled: it becomes a dead letter. */
  dead(reason: string): Outcome
  /** The message needs no handling. */
  skip(reason: string): Outcome
  /** Again later. @param after milliseconds, at most `retry.maxAfter`; without it, by the backoff of `retry`. */
  retry(after?: number, reason?: string): Outcome
}

/** What `open` is given, once, before the first message. */
export interface OpenContext {
  readonly log: HandlerLog
  readonly options: Readonly<Record<string, unknown>>
}

/** Which events a handler gets: a function, or the rules of `handlers[].filter`. */
export type HandlerFilter = ((event: ChainEvent) => boolean) | FilterRules

/** Rules for events: what is left out does not matter; all that are given must hold. */
export interface FilterRules {
  readonly kinds?: ReadonlyArray<ChainEvent['kind']> | undefined
  readonly chains?: ReadonlyArray<ChainEvent['chain']> | undefined
  /** One of these takes part. */
  readonly addresses?: readonly string[] | undefined
  /** A file with more of them, one a line; read again when it changes. */
  readonly addressesFile?: string | undefined
  /** Who is looked for among the addresses: sender, receiver, or anybody. Default: any. */
  readonly addressRole?: 'any' | 'from' | 'to' | undefined
  /** Address (mint, contract) or symbol. Symbols are not unique on any chain. */
  readonly assets?: readonly string[] | undefined
  /** In units of the asset, as text: `'1000.5'`. Where decimals are not known, nothing passes. */
  readonly minAmount?: string | undefined
  /** In smallest units of the asset, as text. */
  readonly minAmountSmallest?: string | undefined
  readonly success?: boolean | undefined
}

interface HandlerBase {
  /** Labels its metrics and dead letters; the configuration may give another one. */
  readonly name: string
  /** Before the first message; the service does not start when it fails. */
  open?(context: OpenContext): void | Promise<void>
  /** After the last message. */
  close?(): void | Promise<void>
  /** What is ordered with `processing.order: key`; null: the message goes with no other. */
  key?(message: Message): string | null
  /**
   * What tells one message from another, in place of the ids of its events: a message whose id was
   * handled before is not handed to this handler. null: it is always handed over.
   */
  id?(message: Message): string | null
  /** Events that do not pass are left out of `message.events`; with none left it is not called. */
  readonly filter?: HandlerFilter
}

export interface SingleHandler extends HandlerBase {
  readonly batch?: undefined
  handle(message: Message, context: HandlerContext): Answer | PromiseLike<Answer>
}

export interface BatchOptions {
  /** Most messages of a call. */
  readonly size: number
  /** Milliseconds that the first message waits for the others. */
  readonly within: number
}

export interface BatchHandler extends HandlerBase {
  readonly batch: BatchOptions
  /**
   * Messages of one partition in their order. A batch that fails is split in halves, and each half
   * is handed over again, until the message is found that cannot be handled.
   */
  handle(
    messages: readonly Message[],
    context: HandlerContext,
  ): BatchAnswer | PromiseLike<BatchAnswer>
}

export type Handler = SingleHandler | BatchHandler
