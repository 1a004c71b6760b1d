import { describe, expect, it } from 'vitest'
import { cgroupOwner } from '../../src/parsers/cgroupOwner.ts'

const ID = 'a1'.repeat(32)

describe('who a cgroup path belongs to', () => {
  it.each([
    ['/', { kind: 'root', unit: null, container: null }],
    ['/init.scope', { unit: null, container: null }],
    ['/system.slice/app.service', { kind: 'unit', unit: 'app.service', slice: 'system.slice' }],
    ['/system.slice', { kind: 'slice', unit: null, slice: 'system.slice' }],
    ['/user.slice/user-0.slice/session-4.scope', { kind: 'session', unit: 'session-4.scope' }],
    ['/user.slice/user-7.slice/user@7.service/app.slice/foo.service', { kind: 'unit', unit: 'foo.service', uid: 7 }],
    ['/user.slice/user-7.slice/user@7.service/app.slice/vte.scope', { kind: 'unit', unit: 'vte.scope', uid: 7 }],
    [`/docker/${ID}`, { kind: 'container', container: ID, unit: null }],
    [`/system.slice/docker-${ID}.scope`, { kind: 'container', container: ID }],
    [`/machine.slice/libpod-${ID}.scope/container`, { kind: 'container', container: ID }],
    [
      `/kubepods/burstable/pod12345678-1234-1234-1234-123456789abc/${ID}`,
      { kind: 'container', container: ID, podUid: '12345678-1234-1234-1234-123456789abc' },
    ],
    ['/kubepods/besteffort/pod12345678-1234-1234-1234-123456789abc', { kind: 'pod', container: null }],
    ['/machine.slice/systemd-nspawn@web.service', { kind: 'container', container: 'web' }],
    ['/lxc/web', { kind: 'container', container: 'web' }],
    ['/slurm/uid_0/job_7/step_batch', { kind: 'container', container: 'step_batch' }],
    ['/mygroup', { kind: 'cgroup', unit: null, container: null }],
    ['/system.slice/deadbeefdeadbeef', { kind: 'cgroup', unit: null, container: null }],
  ])('%s', (path, expected) => {
    expect(cgroupOwner(path)).toMatchObject({ path, ...expected })
  })
})
