/** What is asked of this service, in figures that do not depend on the machine: at least, at most, or below. */
export const GOALS = {
  /** As `npm start` runs it; records a second, to that of others. */
  noHandler: { ofBestLoop: 1.25, ofDefaultLoop: 1.9, belowMiB: 300 },
  noOpHandler: { ofNoHandler: 0.95, belowP99: 10 },
  /** Two threads; records a second. */
  workers: { decoding: 1.5, hashing: 1.6, ofPlainJava: 1.3, belowMiB: 400, mostMainMicros: 3 },
  /** Order key, handlers that wait 5 ms; records a second, and CPU time a record. */
  waiting: { ofParallelConsumer: 2, ofEachMessage: 12, ofForEach: 1, mostCpuOfNoHandler: 1.4 },
  /** Records a second of a handler beside a slow one in a group of its own. */
  pace: { ofAlone: 0.95 },
  /** On 12 partitions without a record, of a core. */
  idle: { belowPercent: 1 },
  /** 1,000 partitions and 10,000 dead letters in a browser; frames that take more than 50 ms. */
  page: { mostLongPercent: 1, belowKB: 60 },
  /** Rows a second into PostgreSQL, with the offsets in the same transactions. */
  rows: { ofOneInsert: 30, ofPython: 2, ofConnectPerCore: 1.2 },
  /** Reading events of Protocol Buffers; records a second. Large ones have more than `large` bytes. */
  protobuf: { ofToObject: 2, ofPython: 3, ofToObjectLarge: 5, large: 100_000 },
  /** A change may cost 3 %. */
  ofBaseline: 0.97,
} as const
