import type { KafkaRecord } from '../kernel/record.ts'

/** What a record costs beside its bytes: the objects around it. */
const OVERHEAD = 200

/** First in, first out; knows how many bytes it holds. */
export class RecordQueue {
  #records: KafkaRecord[] = []
  #head = 0
  #bytes = 0
  /** How many at the front are copies of their own already. */
  #detached = 0

  get length(): number {
    return this.#records.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  peek(): KafkaRecord | undefined {
    return this.#records[this.#head]
  }

  push(record: KafkaRecord): void {
    this.#records.push(record)
    this.#bytes += sizeOf(record)
  }

  shift(): KafkaRecord | undefined {
    const record = this.#records[this.#head]
    if (record === undefined) return undefined
    this.#head += 1
    this.#bytes -= sizeOf(record)
    if (this.#detached > 0) this.#detached -= 1
    if (this.#head === this.#records.length) {
      this.#records = []
      this.#head = 0
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#records.length) {
      this.#records = this.#records.slice(this.#head)
      this.#head = 0
    }
    return record
  }

  clear(): void {
    this.#records = []
    this.#head = 0
    this.#bytes = 0
    this.#detached = 0
  }

  /**
   * Copies what is queued out of the fetch buffers it points into. A record that stays for long
   * would keep the whole response alive, with the neighbours' records in it.
   */
  detach(): void {
    for (let index = this.#head + this.#detached; index < this.#records.length; index++) {
      const record = this.#records[index]
      if (record !== undefined) this.#records[index] = copy(record)
    }
    this.#detached = this.length
  }
}

function copy(record: KafkaRecord): KafkaRecord {
  return {
    ...record,
    key: record.key === null ? null : Buffer.from(record.key),
    value: record.value === null ? null : Buffer.from(record.value),
  }
}

export function sizeOf(record: KafkaRecord): number {
  return OVERHEAD + (record.value?.length ?? 0) + (record.key?.length ?? 0)
}
