import type { AppEvent } from './programs/runtimeEvents.ts'
import type { Told } from './lines/line.ts'
import type { UnitEvent } from './systemd/unitEvents.ts'

/** Events that systemd, user-space killers, runtimes, containers and applications print. Null is "not stated". */
export type ProgramEvent =
  | UnitEvent
  | AppEvent
  | OomdKillEvent
  | UserspaceKillEvent
  | ContainerOomEvent
  | SystemOomEvent
  | RestartLoopEvent
  | SupervisorTimeoutEvent
  | ProcessKilledEvent
  | ProcessCrashedEvent
  | ContainerEvictedEvent
  | KillCommandEvent

/** systemd-oomd's own word that it killed a whole control group. */
export interface OomdKillEvent extends Told {
  readonly type: 'oomd-kill'
  /** Whom it signalled, as its debug log says; else empty. */
  readonly pids: readonly number[]
  /** The control group that was killed; null in version 247, which logged only the reason. */
  readonly cgroup: string | null
  readonly cause: 'pressure' | 'swap' | null
  /** Where the pressure was measured; null for swap. */
  readonly pressureCgroup: string | null
  /** The part of the line that states the numbers. */
  readonly reason: string | null
}

/** A signal sent by earlyoom, nohang or Android's lmkd. */
export interface UserspaceKillEvent extends Told {
  readonly type: 'userspace-kill'
  readonly killer: 'earlyoom' | 'nohang' | 'lmkd'
  readonly signal: 'SIGTERM' | 'SIGKILL' | null
  readonly pid: number | null
  readonly comm: string | null
  readonly uid: number | null
  readonly rssBytes: number | null
  readonly ending: 'exited' | 'did-not-exit' | null
  /** Memory and swap figures of the `low memory!` line, as printed. */
  readonly reason: string | null
}

/** A container runtime, an orchestrator or a batch system says that the kernel's killer struck inside. */
export interface ContainerOomEvent extends Told {
  readonly type: 'container-oom-notice'
  readonly reporter:
    | 'containerd'
    | 'docker'
    | 'kubernetes'
    | 'slurm'
    | 'podman'
    | 'nomad'
    | 'ecs'
    | 'lambda'
    | 'cadvisor'
    | 'cri-o'
    | 'runc'
    | 'cloud foundry'
    | 'openshift'
    | 'bitbucket'
    | 'pterodactyl'
    | 'pbs'
    | 'fly.io'
    | 'flux'
    | 'crun'
    | 'vercel'
    | 'vertex ai'
  readonly container: string | null
  readonly name: string | null
  /** The container's memory limit, where the text states it beside the kill. */
  readonly limitBytes: number | null
}

/** The kubelet's event for an oom of the whole node. */
export interface SystemOomEvent extends Told {
  readonly type: 'kubelet-system-oom'
  readonly comm: string | null
  readonly pid: number | null
}

/** An orchestrator or a supervisor gave up restarting at once. */
export interface RestartLoopEvent extends Told {
  readonly type: 'container-restart-loop'
  readonly container: string | null
  readonly name: string | null
  /** Who says so; absent for Kubernetes, whose name it is that of a container. */
  readonly by?: string
}

/** A supervisor ended a process because it took too long: not for memory. */
export interface SupervisorTimeoutEvent extends Told {
  readonly type: 'supervisor-timeout'
  readonly supervisor: string
  readonly pid: number | null
  readonly container: string | null
  readonly limit: string | null
}

/** A parent saw that its child ended by SIGKILL; it does not know who sent it. */
export interface ProcessKilledEvent extends Told {
  readonly type: 'process-killed'
  readonly reporter: string
  readonly pid: number | null
  /** The program's name, where the parent gives it. */
  readonly comm?: string | null
  readonly container: string | null
  /** `status`: only the number 137 was seen, which a shell may have relayed or the program chosen. */
  readonly seenAs: 'signal' | 'status'
}

/** A parent or a runtime saw a crash on a bad address (SIGSEGV). */
export interface ProcessCrashedEvent extends Told {
  readonly type: 'process-crashed'
  readonly reporter: string
  readonly pid: number | null
  /** The program's name, where the reporter gives it. */
  readonly comm?: string | null
  readonly container: string | null
  /** `status`: only the number 139 was seen. */
  readonly seenAs: 'signal' | 'status'
}

/** The kubelet evicted a pod or set out to: a decision of its own, not the kernel's killer. */
export interface ContainerEvictedEvent extends Told {
  readonly type: 'container-evicted'
  /** `threshold`: it found its node low, and no evicted pod is named. */
  readonly what: 'evicted' | 'threshold'
  /** `memory`, `ephemeral-storage`, `inodes` …, as it names them. */
  readonly resource: string
  /** The container whose use the text states; null when it states none or several. */
  readonly container: string | null
}

/** Somebody ran a command, or a system call was audited, that sends SIGKILL. */
export interface KillCommandEvent extends Told {
  readonly type: 'kill-command'
  readonly by: string | null
  readonly pids: readonly number[]
  readonly names: readonly string[]
  readonly command: string
}
