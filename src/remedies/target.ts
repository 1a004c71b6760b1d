import type { Finding } from '../domain/finding.ts'
import { unitOfCgroup, sliceOfCgroup } from '../parsers/unitOfCgroup.ts'

/** What a limit would be put on, and why that may be nobody. */
export type Target =
  | { readonly kind: 'unit'; readonly unit: string }
  | { readonly kind: 'slice'; readonly slice: string; readonly cgroup: string }
  | { readonly kind: 'container'; readonly container: string }
  | { readonly kind: 'nobody'; readonly reason: string }

/**
 * Whose limit matters: the owner of the limit that was met, else the culprit. Never the victim as such, because an
 * innocent one may have died for somebody else.
 */
export const targetOf = (finding: Finding): Target => {
  if (finding.kind === 'container-oom' || finding.container !== null)
    return { kind: 'container', container: finding.container ?? finding.cgroup ?? 'a container' }
  if (finding.cgroup !== null && finding.limitBytes !== null) {
    const owner = ownerOf(finding.cgroup)
    if (owner !== null) return owner
  }
  const unit =
    finding.culprit === null
      ? finding.kind === 'global-oom'
        ? biggestVictim(finding)
        : finding.unit
      : finding.culprit.unit
  if (unit === null) return { kind: 'nobody', reason: 'the evidence does not say which unit used the memory' }
  return asUnit(unit)
}

/** Nobody stands out, but the process that died was also the biggest: worth showing a number, not worth a button. */
const biggestVictim = (finding: Finding): string | null => {
  const { largestTask } = finding
  if (largestTask === null || largestTask.pid === null) return null
  return finding.victims.find((victim) => victim.pid === largestTask.pid)?.unit ?? null
}

/** Owner of a limit by its control group; null for `/` and foreign layouts. */
const ownerOf = (cgroup: string): Target | null => {
  const last = cgroup.split('/').at(-1) ?? ''
  if (last.endsWith('.slice')) return { kind: 'slice', slice: sliceOfCgroup(cgroup) ?? last, cgroup }
  const unit = unitOfCgroup(cgroup)
  if (unit === null) return null
  if (/\/user@\d+\.service\/./.test(cgroup))
    return { kind: 'nobody', reason: `${unit} belongs to a user's own manager, which Medic does not change` }
  return asUnit(unit)
}

const asUnit = (unit: string): Target => {
  if (unit.endsWith('.slice')) return { kind: 'slice', slice: unit, cgroup: unit }
  if (unit.endsWith('.scope'))
    return {
      kind: 'nobody',
      reason: `${unit} is a scope: it ends with the login or the container that made it, so a drop-in would not last`,
    }
  return { kind: 'unit', unit }
}

/** Units whose limit would lock people out or hit everything that runs below them (oom.md 4.10). */
const PROTECTED: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /^(?:ssh|sshd|dropbear)(?:@.*)?\.(?:service|socket)$/, why: 'it is the way in' },
  { pattern: /^(?:systemd-.*|init|user@\d+|user-runtime-dir@\d+)\.service$/, why: 'it is part of systemd' },
  {
    pattern: /^(?:dbus|dbus-broker|polkit|rsyslog|syslog-ng|auditd|chrony|chronyd|ntp|ntpd)\.service$/,
    why: 'the host needs it',
  },
  {
    pattern: /^(?:NetworkManager|networking|network|networkd-dispatcher|wpa_supplicant|dhcpcd|ifup@.*)\.service$/,
    why: 'it is the network',
  },
  {
    pattern:
      /^(?:docker|containerd|podman|crio|cri-o|libvirtd|virtqemud|lxd|lxc|incus|kubelet|k3s|k3s-agent|rke2-.*)\.service$/,
    why: 'it runs containers or machines: limit those',
  },
  { pattern: /^medic(?:[.@-].*)?\.service$/, why: 'it is Medic itself' },
  { pattern: /^(?:bt|btpanel)\.service$/, why: 'a panel runs other services in its own group' },
]

/** Why a unit must not get a limit, null when it may. */
export const whyProtected = (unit: string, delegates: boolean | null): string | null =>
  PROTECTED.find((entry) => entry.pattern.test(unit))?.why ??
  (delegates === true ? 'it hands its group to a program of its own (Delegate=yes): limit what runs below it' : null)
