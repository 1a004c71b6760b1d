import type { KernelOomEvent } from '../parsers/log/kernel/kernelEvents.ts'
import { mib, reserveMib, type Sizing } from './sizing.ts'

/** Kernel memory that stays, as the report's summary names it; `kernel_stack` stands with the nodes. */
const KERNEL_PAGES = ['slab_unreclaimable', 'pagetables', 'sec_pagetables']

/**
 * R, H, O and F out of a report alone: `pages RAM`, and the task table without the processes of that name. Null when
 * the report has no table of the whole host. Shared pages count in each process, so O is rather too large than too small.
 */
export const reportSizingOf = (report: KernelOomEvent | null, comm: string): Sizing | null => {
  if (report === null || report.scope !== 'global' || report.mixed || report.manual) return null
  const { memInfo, tasks, pageSizeBytes } = report
  if (memInfo === null || tasks === null || pageSizeBytes === null || memInfo.ramPages === null) return null
  if (tasks.length === 0 || tasks.some((task) => task.rssBytes === null)) return null
  const totalMib = mib((memInfo.ramPages - (memInfo.reservedPages ?? 0)) * pageSizeBytes)
  const kernelBytes =
    KERNEL_PAGES.reduce((sum, name) => sum + (memInfo.pages[name] ?? 0) * pageSizeBytes, 0) +
    memInfo.nodes.reduce((sum, node) => sum + (node.bytes['kernel_stack'] ?? 0), 0)
  const programs = tasks.filter((task) => task.tgid === null || task.tgid === task.pid)
  const held = (isTheirs: boolean): number =>
    programs.reduce((sum, task) => (isTheirs === (task.comm === comm) ? sum + (task.rssBytes ?? 0) : sum), 0)
  if (totalMib <= 0 || held(true) === 0) return null
  const reserve = reserveMib(totalMib, mib(kernelBytes))
  const others = mib(held(false) + kernelBytes)
  return {
    total: { mib: totalMib, source: "pages RAM of the kernel's report" },
    reserve: { mib: reserve, source: '15 % of a small host, else 10 %, at least 256 MiB and its kernel memory' },
    others: { mib: others, source: `the report's table without ${comm}, and the kernel's own memory` },
    room: {
      mib: Math.max(0, totalMib - reserve - others),
      source: `${totalMib} MiB of the host − ${reserve} reserve − ${others} of everything else, in the kernel's report`,
    },
    now: null,
    peak: { mib: mib(held(true)), source: `all of ${comm} in the report's table` },
    steady: null,
    healthyPeak: null,
    steepest: null,
    growth: 'unknown',
    growthMibPerHour: null,
  }
}
