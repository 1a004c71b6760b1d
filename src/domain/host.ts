/** A machine of the inventory. Everything about how to reach it comes from the inventory only, never from chat. */
export interface Host {
  readonly name: string
  readonly transport: 'ssh' | 'local' | 'replay'
  readonly ssh: SshTarget | null
  /** Folder or file of stored evidence, for the replay transport. */
  readonly replay: string | null
  /** Steps marked `sudo` run under `sudo -n`. */
  readonly sudo: boolean
  readonly site: string | null
  readonly groups: readonly string[]
  readonly tags: Readonly<Record<string, string>>
}

export interface SshTarget {
  readonly address: string
  readonly port: number
  readonly user: string
  /** Absolute paths, in order of preference; empty means the agent and OpenSSH's default names. */
  readonly identityFiles: readonly string[]
  /** `ssh-ed25519 AAAA…` pinned in the inventory; null means known_hosts decides. */
  readonly hostKey: string | null
  /** The name under which known_hosts lists it (HostKeyAlias), null for the address. */
  readonly hostKeyAlias: string | null
  readonly knownHostsFiles: readonly string[]
  /** Trust on first use; only ever set by an explicit flag in a terminal. */
  readonly acceptNewKey: boolean
  /** Hosts to go through, nearest first. */
  readonly jumps: readonly SshTarget[]
}
