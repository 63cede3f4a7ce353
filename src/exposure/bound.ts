const BISECTIONS = 200

/**
 * Upper confidence bound on the chance of one trial, given how often it happened: the largest chance with which so few
 * events, or fewer, are still as likely as 1 - confidence (exact binomial; C. J. Clopper and E. S. Pearson, "The use of
 * confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26, 1934; one-sided). With no event
 * it has a closed form, whose limit is the rule of three: 3 / trials.
 * @returns a chance; 1 where nothing was tried or every trial was an event
 */
export function upperBound(events: number, trials: number, confidence = 0.95): number {
  const left = 1 - confidence
  if (trials <= 0 || events >= trials) return 1
  if (events <= 0) return -Math.expm1(Math.log(left) / trials)
  let [low, high] = [events / trials, 1]
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2
    if (atMost(events, trials, middle) > left) low = middle
    else high = middle
  }
  return high
}

/** Chance of at most so many events: the terms of the binomial from 0 up, as logarithms, since they may be tiny. */
function atMost(events: number, trials: number, chance: number): number {
  const [log, logNot] = [Math.log(chance), Math.log1p(-chance)]
  let choose = 0
  let sum = 0
  for (let count = 0; count <= events; count += 1) {
    sum += Math.exp(choose + count * log + (trials - count) * logNot)
    choose += Math.log(trials - count) - Math.log(count + 1)
  }
  return sum
}

/** Chance that so many trials, each with this chance, show the event at least once. */
export function powerOf(trials: number, chance: number): number {
  return -Math.expm1(trials * Math.log1p(-chance))
}
