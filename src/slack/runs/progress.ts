import type { TriageEvent } from '../../app/triage.ts'
import type { HeadState, PhaseProgress } from '../blocks/head.ts'

interface Counted {
  readonly title: string
  total: number
  done: number
  readonly running: Set<string>
}

/** Follows a run's events and knows at any moment what its head message should say. */
export class Progress {
  readonly #base: Pick<HeadState, 'requestId' | 'host' | 'runbook' | 'title' | 'startedBy' | 'startedAtMs'>
  readonly #now: () => number
  readonly #phases: Counted[] = []
  #state: HeadState['state'] = 'waiting'
  #runId: string | null = null

  constructor(
    base: Pick<HeadState, 'requestId' | 'host' | 'runbook' | 'title' | 'startedBy' | 'startedAtMs'>,
    now: () => number,
  ) {
    this.#base = base
    this.#now = now
  }

  take(event: TriageEvent): void {
    const phase = this.#phases.at(-1)
    if (event.type === 'started') {
      this.#runId = event.run.id
      this.#state = 'connecting'
    } else if (event.type === 'connected') this.#state = 'running'
    else if (event.type === 'phase') {
      this.#state = 'running'
      this.#phases.push({ title: event.title, total: event.steps.length, done: 0, running: new Set() })
    } else if (event.type === 'step-started') phase?.running.add(nameOf(event))
    else if (event.type === 'evidence' && phase !== undefined) {
      phase.running.delete(nameOf(event.evidence))
      phase.done += 1
      // A files step has one piece of evidence a file, so there may be more than there were steps.
      phase.total = Math.max(phase.total, phase.done + phase.running.size)
    }
  }

  head(outcome: { readonly state: HeadState['state']; readonly words: string | null } | null = null): HeadState {
    const isOver = outcome !== null
    return {
      ...this.#base,
      runId: this.#runId,
      elapsedMs: this.#now() - this.#base.startedAtMs,
      state: outcome?.state ?? this.#state,
      outcome: outcome?.words ?? null,
      phases: this.#phases.map((phase, index): PhaseProgress => {
        const isPast = index < this.#phases.length - 1 || (isOver && outcome.state === 'done')
        return {
          title: phase.title,
          total: isPast ? phase.done : phase.total,
          done: phase.done,
          running: isOver || isPast ? [] : [...phase.running],
        }
      }),
    }
  }
}

const nameOf = (what: { readonly step: string; readonly subject: string | null }): string =>
  what.subject === null ? what.step : `${what.step} (${what.subject})`
