import { describe, expect, it } from 'vitest'
import { earlyoomRecognizer } from '../../../src/parsers/log/killers/earlyoom.ts'
import { nohangRecognizer } from '../../../src/parsers/log/killers/nohang.ts'
import { systemdOomdRecognizer } from '../../../src/parsers/log/systemd/systemdOomd.ts'
import { recognize } from './recognize.ts'

const LOW = 'low memory! at or below SIGTERM limits: mem 15.00%, swap 100.00%'

describe('systemd-oomd', () => {
  it.each([
    [
      'Killed /system.slice/a.service due to memory pressure for /system.slice being 46.96% > 20.00% for > 5s with reclaim activity',
      {
        cgroup: '/system.slice/a.service',
        cause: 'pressure',
        pressureCgroup: '/system.slice',
        reason: '46.96% > 20.00% for > 5s',
      },
    ],
    [
      'Killed /user.slice/x.scope due to memory used (8199467008) / total (8235302912) and swap used (1020010496) / total (1023406080) being more than 90.00%',
      { cgroup: '/user.slice/x.scope', cause: 'swap' },
    ],
    [
      'Memory pressure for /user.slice is greater than 50 for more than 10 seconds and there was reclaim activity',
      { cgroup: null, cause: 'pressure', pressureCgroup: '/user.slice' },
    ],
    ['Swap used (973078528) / total (1023406080) is more than 90%', { cgroup: null, cause: 'swap' }],
  ])('%s', (text, expected) => {
    expect(recognize(systemdOomdRecognizer, [text], { source: 'systemd-oomd' })).toMatchObject([
      { type: 'oomd-kill', ...expected },
    ])
  })

  it.each([
    'oomd dry-run: Would have tried to kill /system.slice/a.service with recurse=true',
    'Failed to kill any cgroup(s) based on pressure: No such file or directory',
    'Considered 1 cgroups for killing, top candidates were:',
    '        Path: /system.slice/queue_worker.service',
    'No swap; memory pressure usage will be degraded',
  ])('does not take for a kill: %s', (text) => {
    expect(recognize(systemdOomdRecognizer, [text], { source: 'systemd-oomd' })).toEqual([])
  })

  it('does not believe another program', () => {
    const text = 'Killed /a.service due to memory pressure for / being 1% > 2% for > 5s with reclaim activity'
    expect(recognize(systemdOomdRecognizer, [text], { source: 'node' })).toEqual([])
  })
})

describe('earlyoom', () => {
  it.each([
    [
      'sending SIGTERM to process 354 uid 33 "MainThread": badness 971, VmRSS 213 MiB',
      { signal: 'SIGTERM', pid: 354, uid: 33, comm: 'MainThread', rssBytes: 213 * 1024 ** 2 },
    ],
    [
      'sending SIGKILL to process 1023 "chrome": badness 300, VmRSS 812 MiB',
      { signal: 'SIGKILL', pid: 1023, uid: null, comm: 'chrome' },
    ],
    [
      'sending SIGTERM to process 9 uid 0 "java": oom_score 900, oom_score_adj 200, cmdline "java -jar a", VmRSS 99 MiB',
      { comm: 'java' },
    ],
    ['Killing process 812 stress', { signal: null, pid: 812, comm: 'stress' }],
  ])('after its low memory line: %s', (text, expected) => {
    expect(recognize(earlyoomRecognizer, [LOW, text], { source: 'earlyoom' })).toMatchObject([
      { type: 'userspace-kill', killer: 'earlyoom', reason: LOW, cited: [{ line: 1 }, { line: 2 }], ...expected },
    ])
  })

  it('reads how it ended', () => {
    const send = 'sending SIGTERM to process 354 uid 33 "a": badness 971, VmRSS 213 MiB'
    expect(recognize(earlyoomRecognizer, [LOW, send, 'process exited after 0.6 seconds'])).toMatchObject([
      { ending: 'exited' },
    ])
    expect(recognize(earlyoomRecognizer, [LOW, send, 'process 354 did not exit'])).toMatchObject([
      { ending: 'did-not-exit' },
    ])
  })

  it.each([
    [[LOW, 'memory situation has recovered while selecting victim']],
    [['sending 0 (no-op signal) to process 1234 uid 0 "earlyoom": badness 0, VmRSS 1 MiB']],
    [['mem avail:    69 of   469 MiB (14.77%), swap free:    0 of    0 MiB ( 0.00%)']],
    [['sending SIGTERM when mem <= 15.00% and swap <= 100.00%,']],
    [
      [
        LOW,
        'sending SIGTERM to process 3 uid 0 "a": badness 1, VmRSS 2 MiB',
        'dryrun, not actually sending any signal',
      ],
    ],
    [[LOW, 'sending SIGTERM to process 3 uid 0 "a": badness 1, VmRSS 2 MiB', 'kill failed: No such process']],
  ])('sees no kill in %j', (texts) => {
    expect(recognize(earlyoomRecognizer, texts, { source: 'earlyoom' })).toEqual([])
  })

  it('does not believe a bare sentence without earlyoom around it', () => {
    expect(recognize(earlyoomRecognizer, ['Killing process 812 stress'])).toEqual([])
  })
})

describe('nohang', () => {
  it('reads a corrective action over its lines', () => {
    expect(
      recognize(
        nohangRecognizer,
        [
          'Implementing a corrective action:',
          '  PID: 4242, Name: stress, badness: 900',
          '  Sending SIGTERM to the victim',
          '[ OK ] Sending SIGTERM to PID 4242',
        ],
        { source: 'nohang' },
      ),
    ).toMatchObject([{ type: 'userspace-kill', killer: 'nohang', signal: 'SIGTERM', pid: 4242, comm: 'stress' }])
  })

  it('sees no kill in an intention', () => {
    expect(recognize(nohangRecognizer, ['Implementing a corrective action:', 'Sending SIGTERM to the victim'])).toEqual(
      [],
    )
  })
})
