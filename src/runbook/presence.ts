import type { Evidence } from '../domain/evidence.ts'
import { isRefusedFork } from '../domain/step.ts'
import type { FactView } from '../parsers/facts.ts'
import { psParser } from '../parsers/ps.ts'

/** True, false, or null when nothing that could tell was read. */
export const isPresent = (fact: string, view: FactView): boolean | null => {
  if (fact === 'systemd') return hasSystemd(view)
  if (fact === 'cannot-fork') return view.evidence.some(({ result }) => isRefusedFork(result))
  if (fact === 'node')
    return runs(
      view,
      (comm, args) => /^(?:node|nodejs|MainThread|PM2\b.*)$/.test(comm) || /(?:^|\/)node(?:js)? /.test(args),
    )
  if (fact === 'php-fpm') return runs(view, (comm, args) => comm.startsWith('php-fpm') || args.startsWith('php-fpm:'))
  return view.evidence.some((one) => one.step === fact && one.reading.status === 'parsed')
}

const hasSystemd = (view: FactView): boolean | null => {
  if (view.evidence.some(saysSystemd)) return true
  const first = view.latest(psParser, null)?.facts.processes.find((process) => process.pid === 1)
  return first === undefined ? null : first.comm === 'systemd'
}

const saysSystemd = (one: Evidence): boolean =>
  one.reading.status === 'parsed' && /^(?:systemd-version|systemctl-show)$/.test(one.reading.parser)

const runs = (view: FactView, matches: (comm: string, args: string) => boolean): boolean | null => {
  const found = view.latest(psParser, null)
  return found === undefined ? null : found.facts.processes.some((process) => matches(process.comm, process.args))
}
