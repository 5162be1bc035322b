/** A schema as its registry has it. */
export interface RegisteredSchema {
  readonly type: SchemaType
  readonly text: string
  /** What it imports, each before those that import it. */
  readonly references: readonly Reference[]
}

export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF'

export interface Reference {
  /** As the schema names it: the full name of an Avro type, the path of a `.proto` file. */
  readonly name: string
  readonly text: string
}

/** The schemas of a registry, by id. */
export interface Registry {
  /** @throws OccError why the schema cannot be used, or that it is not loaded */
  schema(id: number): RegisteredSchema
  /**
   * Resolves when `schema` has an answer: not before the registry is there. null: it has one now.
   * Never rejects.
   */
  load(id: number): Promise<void> | null
  /** Asks no more. What waits is never resolved. */
  close(): void
}

/** What tells others how the registry is. */
export interface RegistryHooks {
  /** A request failed, and is repeated after a pause. */
  failed(error: Error): void
  /** It answers again. */
  answered(): void
}
