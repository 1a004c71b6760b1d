import type { TriageEvent } from '../app/triage.ts'
import type { Painter } from '../render/reportPage.ts'

/**
 * Shows a run while it goes on, on standard error: a live list on a terminal, plain lines elsewhere.
 * Everything shown here has passed the redaction; what is said about a step is how it ended, not what it printed.
 */
export interface Progress {
  show(event: TriageEvent): void
  close(): void
}

interface Shown {
  readonly name: string
  state: 'waiting' | 'running' | 'done'
  note: string
}

export const createProgress = (stream: NodeJS.WriteStream, painter: Painter, host: string): Progress =>
  stream.isTTY ? liveProgress(stream, painter, host) : plainProgress(stream, host)

const plainProgress = (stream: NodeJS.WriteStream, host: string): Progress => ({
  show(event) {
    if (event.type === 'connected') stream.write(`${host}: connected: ${event.description}\n`)
    else if (event.type === 'phase') stream.write(`${host}: ${event.title}\n`)
    else if (event.type === 'evidence') {
      const { evidence } = event
      stream.write(`${host}: ${evidence.id} ${nameOf(evidence.step, evidence.subject)}: ${noteOf(event)}\n`)
    } else if (event.type === 'suspects' && event.suspects.length > 0) {
      stream.write(`${host}: suspects: ${event.suspects.map((suspect) => suspect.unit).join(', ')}\n`)
    }
  },
  close() {},
})

const liveProgress = (stream: NodeJS.WriteStream, painter: Painter, host: string): Progress => {
  let steps: Shown[] = []
  let title = 'connecting'
  let drawn = 0
  const mark = { waiting: painter.dim('·'), running: painter.yellow('●'), done: painter.green('✓') }
  const draw = (): void => {
    const rows = Math.max(4, (stream.rows ?? 24) - 4)
    const running = steps.filter((step) => step.state === 'running')
    const done = steps.filter((step) => step.state === 'done')
    const shown = [...done.slice(-Math.max(0, rows - running.length)), ...running].slice(-rows)
    const width = (stream.columns ?? 80) - 1
    const lines = [
      `${painter.bold(host)}: ${title} ${painter.dim(`${done.length}/${steps.length}`)}`,
      ...shown.map((step) => `  ${mark[step.state]} ${cut(`${step.name}  ${step.note}`, width - 4)}`),
    ]
    erase()
    stream.write(`${lines.join('\n')}\n`)
    drawn = lines.length
  }
  const erase = (): void => {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[J`)
    drawn = 0
  }
  return {
    show(event) {
      if (event.type === 'connected') title = event.description
      else if (event.type === 'phase') {
        title = event.title
        steps = event.steps.map((step) => ({ name: nameOf(step.step, step.subject), state: 'waiting', note: '' }))
      } else if (event.type === 'step-started' || event.type === 'evidence') {
        const [step, subject] =
          event.type === 'evidence' ? [event.evidence.step, event.evidence.subject] : [event.step, event.subject]
        const shown = steps.find((candidate) => candidate.name === nameOf(step, subject))
        if (shown === undefined) return
        shown.state = event.type === 'evidence' ? 'done' : 'running'
        if (event.type === 'evidence') shown.note = painter.dim(noteOf(event))
      } else return
      draw()
    },
    close: erase,
  }
}

const nameOf = (step: string, subject: string | null): string => (subject === null ? step : `${step} ${subject}`)

const noteOf = ({ evidence }: Extract<TriageEvent, { type: 'evidence' }>): string => {
  const { result } = evidence
  const seconds = `${(result.durationMs / 1000).toFixed(1)} s`
  const cutShort = result.droppedBytes > 0 ? ', cut' : ''
  if (result.outcome === 'exited')
    return `${result.exitCode === 0 ? 'ok' : `exit ${result.exitCode}`}, ${seconds}${cutShort}`
  if (result.outcome === 'killed') return `killed by ${result.signal}, ${seconds}${cutShort}`
  if (result.outcome === 'timed-out') return `timed out after ${seconds}, what it printed is kept`
  return `${result.outcome === 'not-run' ? 'not run' : 'unknown'}: ${result.reason}`
}

const cut = (text: string, width: number): string =>
  text.length > width && width > 1 ? `${text.slice(0, width - 1)}…` : text
