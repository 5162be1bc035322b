/** A field of a message: its number, its type, and whether there are any number of it. */
export type WantedField =
  | readonly [number: number, type: Scalar | FromBytes]
  | readonly [number: number, message: Wanted]
  | readonly [number: number, message: Wanted, repeated: 'repeated']

type Scalar = keyof Scalars

/**
 * Makes the value of a field of bytes in one step: a view of each address would cost as much as its
 * text. What an absent field is: the value of no bytes. May throw, because of the bytes.
 */
export type FromBytes = (bytes: Buffer, from: number, to: number) => unknown

/** What an absent field is read as: 0, false, no bytes, an empty text. */
interface Scalars {
  readonly bytes: Uint8Array
  readonly string: string
  readonly bool: boolean
  readonly uint32: number
  readonly int32: number
  /** Decimal text beyond 2^53. */
  readonly uint64: number | string
  readonly int64: number | string
}

/** The fields of a message that are read; all others are skipped without being built. */
export interface Wanted {
  readonly [name: string]: WantedField
}

/** A message of which the wanted fields were read. Fields of the type `bytes` are views of the value. */
export type Read<Fields extends Wanted> = {
  readonly [Name in keyof Fields]: ReadField<Fields[Name]>
}

type ReadField<Field extends WantedField> = Field extends readonly [number, infer Type, 'repeated']
  ? Type extends Wanted
    ? ReadonlyArray<Read<Type>>
    : never
  : Field[1] extends Scalar
    ? Scalars[Field[1]]
    : Field[1] extends (...bytes: Parameters<FromBytes>) => infer Value
      ? Value
      : Field[1] extends Wanted
        ? Read<Field[1]> | null
        : never
