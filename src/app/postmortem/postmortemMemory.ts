import type { EventOf } from '../../parsers/log/events.ts'
import { eventsOf, logParser } from '../../parsers/log/log.ts'
import type { FactView } from '../../parsers/facts.ts'
import { meminfoParser } from '../../parsers/meminfo.ts'
import { psParser } from '../../parsers/ps.ts'
import { memoryPicture, NO_MEMORY_PICTURE } from '../../render/memoryPicture.ts'
import type { MemoryPicture } from '../../render/memoryPicture.ts'

/** Who held the memory: the kernel's own table at the last kill, else the process list of the run. */
export const memoryPictureOf = (facts: FactView): MemoryPicture => {
  const totalBytes = facts.latest(meminfoParser, null)?.facts.totalBytes ?? null
  for (const log of facts.all(logParser).toReversed()) {
    const kill = eventsOf(log.facts, 'kernel-oom').findLast(hasSizes)
    if (kill === undefined) continue
    const users = kill.tasks.flatMap((task) =>
      task.rssBytes === null ? [] : [{ comm: task.comm, rssBytes: task.rssBytes }],
    )
    const whose = kill.scope === 'memcg' ? 'the cgroup that met its limit' : 'the host'
    return memoryPicture(`At the kill the kernel's task table of ${whose} held:`, users, [log.evidence], totalBytes)
  }
  const list = facts.all(psParser).at(-1)
  if (list === undefined) return NO_MEMORY_PICTURE
  const users = list.facts.processes.flatMap((process) =>
    process.rssBytes === null ? [] : [{ comm: process.comm, rssBytes: process.rssBytes }],
  )
  return memoryPicture('When the run looked, the process list held:', users, [list.evidence], totalBytes)
}

type KillWithTable = EventOf<'kernel-oom'> & { readonly tasks: NonNullable<EventOf<'kernel-oom'>['tasks']> }

const hasSizes = (kill: EventOf<'kernel-oom'>): kill is KillWithTable =>
  kill.tasks !== null && kill.tasks.some((task) => task.rssBytes !== null)
