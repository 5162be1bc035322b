// A wall clock that a signal sets: SIGUSR2 steps it to the next of STEPS, in milliseconds off the
// true time. Loaded with --import, before anything that could keep the true one.
const STEPS = [0, -3_600_000, 0, 3_600_000, 0]
const TrueDate = Date
let step = 0

class SteppingDate extends TrueDate {
  constructor(...given) {
    if (given.length === 0) super(SteppingDate.now())
    else super(...given)
  }

  static now() {
    return TrueDate.now() + STEPS[step]
  }
}
globalThis.Date = SteppingDate

process.on('SIGUSR2', () => {
  step = Math.min(step + 1, STEPS.length - 1)
})
