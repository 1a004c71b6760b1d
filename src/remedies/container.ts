import type { Finding } from '../domain/finding.ts'
import { advice, refusal } from './dropIn.ts'
import type { RemedyMaker } from './remedy.ts'
import { mib, up64 } from './sizing.ts'

/** The two ways to write it; `M` is MiB for docker and a million bytes for Kubernetes (oom.md 4.9). */
export const containerSnippets = (limitMib: number): { readonly compose: string; readonly kubernetes: string } => ({
  compose: `mem_limit: ${limitMib}m`,
  kubernetes: `resources: {limits: {memory: ${limitMib}Mi}}`,
})

/** A container's limit lives where the container is described, never in its scope: the runtime rewrites that. */
export const containerMaker: RemedyMaker = {
  id: 'container',
  answers: ['container-oom'],
  propose: (finding) => {
    const name = finding.container ?? 'the container'
    const limitMib = finding.limitBytes === null ? null : mib(finding.limitBytes)
    const held = heldMib(finding)
    const pod = finding.cgroup !== null && /(?:kubepods.*pod[^/]*\.slice|\/pod[0-9a-f-]{36})$/.test(finding.cgroup)
    const owner = pod
      ? 'The limit that was met is that of the pod: the sum of its containers, and of emptyDir volumes in memory.'
      : 'Files in /dev/shm and emptyDir volumes in memory count too.'
    if (limitMib === null)
      return [
        refusal({
          id: 'container',
          title: `Read the limit of ${name} before changing it`,
          because: `The evidence does not state the limit that was met. ${owner}`,
        }),
      ]
    const wanted = held === null ? null : up64(1.25 * held)
    const keep = `Keep ${limitMib} MiB if memory only grows: a higher limit only delays the kill.`
    if (wanted === null || wanted <= limitMib)
      return [
        advice({
          id: 'container',
          title: `Find what grows in ${name}`,
          because: `It met its own limit of ${limitMib} MiB. ${keep} ${owner}`,
        }),
      ]
    const snippets = containerSnippets(wanted)
    return [
      advice({
        id: 'container',
        title: `Decide whether ${name} needs ${wanted} MiB, and write it where the container is described`,
        because:
          `It held ${held} MiB at its limit of ${limitMib} MiB. Medic cannot tell a leak from load without samples. ${keep} ` +
          `If the load needs it: compose \`${snippets.compose}\`, Kubernetes \`${snippets.kubernetes}\` (Mi, not M). Set the runtime's heap flag below it. ${owner}`,
        warnings: [
          'A changed limit recreates the container.',
          'A drop-in for the scope would be rewritten by the runtime.',
        ],
      }),
    ]
  },
}

const heldMib = (finding: Finding): number | null => {
  const sizes = finding.victims.flatMap((victim) => (victim.anonRssBytes === null ? [] : [mib(victim.anonRssBytes)]))
  return sizes.length === 0 ? null : Math.max(...sizes)
}
