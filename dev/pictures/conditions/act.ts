import type { KafkaOptions } from '../../kafka/types.ts'
import { inFlightLong, stalled, workersDie } from './handlers.ts'
import { apart, commitsFail, cut, lost, recreated, throttled, transactionOpen } from './kafka.ts'
import { beginnings, oneService } from './one-service.ts'
import { certificates, logLost } from './output.ts'
import { pace, standby, storm } from './pace.ts'
import { parked } from './parked.ts'
import type { Stage } from './stage.ts'

/** What brings conditions about, on a Kafka of its own. */
export interface Act {
  readonly about: string
  readonly kafka?: KafkaOptions
  play(stage: Stage): Promise<void>
}

export const ACTS: Readonly<Record<string, Act>> = {
  service: { about: 'one trouble after another, in one service', play: oneService },
  begin: { about: 'pods that do not get far', play: beginnings },
  pace: { about: 'behind, growing, and what other pods have; 2 min', play: pace },
  standby: { about: 'more pods than partitions', play: standby },
  storm: { about: 'pods that come and go; 1 min', play: storm },
  stalled: { about: 'a call that does not end; 1 min', play: stalled },
  flight: { about: 'a record that is in flight for 5 min', play: inFlightLong },
  workers: { about: 'worker threads that die', play: workersDie },
  lost: { about: 'records that are deleted before they are read', play: lost },
  transaction: { about: 'a transaction that stays open; 1 min', play: transactionOpen },
  throttled: {
    about: 'a quota; 2 min',
    kafka: { properties: { 'quota.window.num': '2', 'quota.window.size.seconds': '1' } },
    play: throttled,
  },
  commits: { about: 'commits that are refused', kafka: { authorizer: true }, play: commitsFail },
  cut: { about: 'an election that truncates a log', kafka: { nodes: 3 }, play: cut },
  apart: { about: 'a partition whose broker is away', kafka: { nodes: 3 }, play: apart },
  recreated: { about: 'a topic that is deleted and made anew', play: recreated },
  certificates: { about: 'certificates that expire', play: certificates },
  log: { about: 'a log that nobody reads', play: logLost },
  parked: { about: 'parked records, and PostgreSQL away', play: parked },
}
