/**
 * Every condition that the status page can say, with its chapter of docs/operations.md; null: it has none. One
 * that is not here is not known to the acts.
 */
export const CHAPTERS: Readonly<Record<string, string | null>> = {
  // What keeps records from being handled, the worst first: the first that holds is the sentence.
  starting: null,
  draining: null,
  'broker-lost': 'the-brokers-are-away',
  'not-ready': 'a-pod-does-not-become-ready',
  'loss-imminent': 'onchainconsumerdatalossimminent',
  'loss-soon': 'onchainconsumerdatalosssoon',
  'circuit-open': 'a-circuit-is-open',
  'nothing-decodes': 'onchainconsumernothingdecodes',
  paused: 'pause-and-resume',
  schema: 'the-schema-registry-is-away',
  'letters-not-kept': 'dead-letters-cannot-be-kept',
  'not-parked': 'records-cannot-be-parked',
  corrupt: 'a-batch-cannot-be-read',
  'not-fetched': 'onchainconsumerpartitionnotfetched',
  'transaction-open': 'a-transaction-stays-open',
  stalled: 'onchainconsumerpartitionstuck',
  // How the others do.
  standby: 'onchainconsumeridlepods',
  'falling-behind': 'the-lag-grows',
  'catching-up': 'the-lag-grows',
  'others-behind': 'the-lag-grows',
  'keeping-up': null,
  // What else is to be known.
  lost: 'onchainconsumerrecordslost',
  cut: 'onchainconsumerrecordscutoff',
  'certificate-expired': 'onchainconsumercertificateexpired',
  'certificate-expiring': 'onchainconsumercertificateexpiring',
  'sink-down': 'onchainconsumersinkdown',
  'handler-hangs': 'onchainconsumerhandlerhangs',
  'in-flight-long': 'a-record-is-in-flight-for-long',
  'commits-fail': 'onchainconsumercommitsfail',
  'config-invalid': 'onchainconsumerconfignotvalid',
  'config-waits': 'onchainconsumerconfigwaits',
  'dead-letters': 'dead-letters',
  'parked-overdue': 'onchainconsumerparkedoverdue',
  'workers-die': 'onchainconsumerworkersdie',
  throttled: 'the-brokers-throttle',
  'rebalance-storm': 'onchainconsumerrebalancestorm',
  'log-lost': 'onchainconsumerloglost',
  'stray-errors': 'an-error-that-nobody-caught',
}

/** Of a lag that is as old as the alert says: the same sentence, another chapter. */
export const LAG_HIGH = 'onchainconsumerlaghigh'

/** Conditions that no act can bring about, and why. */
export const UNSEEN: Readonly<Record<string, string>> = {
  stopped: 'the page is not served any more once the service has stopped',
  'pauses-unknown':
    'it needs a coordinator that is away for the group of the pauses, and there for that of the pod: test/unit/observe/overview/sentence.test.ts has it',
  unknown:
    'it passes within a second of an assignment, before anybody could be sure to see it; of brokers that are silent for long, other conditions say more',
}
