import { describe, expect, it } from 'vitest'
import { containersRecognizer } from '../../../src/parsers/log/containers/containers.ts'
import { killSendersRecognizer } from '../../../src/parsers/log/killers/killSenders.ts'
import { kubeletEvictionRecognizer } from '../../../src/parsers/log/containers/kubeletEviction.ts'
import { supervisorsRecognizer } from '../../../src/parsers/log/killers/supervisors.ts'
import { recognize } from './recognize.ts'

const ID = 'a'.repeat(64)

describe('containers', () => {
  it.each([
    [
      `time="2026-01-01T00:00:00Z" level=info msg="TaskOOM event container_id:\\"${ID}\\""`,
      { reporter: 'containerd', container: ID },
    ],
    [
      `level=info msg="TaskOOM event &TaskOOM{ContainerID:${ID},XXX_unrecognized:[],}"`,
      { reporter: 'containerd', container: ID },
    ],
    [
      `2026-01-01T00:00:00.000000000Z container oom ${ID} (image=api:1, name=api)`,
      { reporter: 'docker', container: ID, name: 'api' },
    ],
    ['            "OOMKilled": true,', { reporter: 'docker', container: null }],
    ['      Reason:       OOMKilled', { reporter: 'kubernetes' }],
    ['    reason: OOMKilled', { reporter: 'kubernetes' }],
    ['web-6d4c   0/1     OOMKilled   3 (10s ago)   5m', { reporter: 'kubernetes', name: 'web-6d4c' }],
    [
      'slurmstepd: error: Detected 1 oom_kill event in StepId=123.batch. Some of the step tasks have been OOM Killed.',
      { reporter: 'slurm', name: '123.batch' },
    ],
    [
      'slurmstepd: error: Detected 2 oom-kill event(s) in step 123.0 cgroup.',
      { reporter: 'slurm', name: '123.0', repeats: 2 },
    ],
  ])('%s', (text, expected) => {
    expect(recognize(containersRecognizer, [text])).toMatchObject([{ type: 'container-oom-notice', ...expected }])
  })

  it('takes the id from the same docker inspect block', () => {
    expect(recognize(containersRecognizer, [`        "Id": "${ID}",`, '            "OOMKilled": true,'])).toMatchObject(
      [{ container: ID }],
    )
  })

  it.each([
    '            "OOMKilled": false,',
    '      Reason:       Error',
    '      Exit Code:    137',
    'how to debug OOMKilled pods',
  ])('says no oom: %s', (text) => expect(recognize(containersRecognizer, [text])).toEqual([]))

  it('reads restart loops and node ooms', () => {
    const of = (text: string) => recognize(containersRecognizer, [text])[0]
    expect(of('Back-off restarting failed container app in pod web-1_default(abc)')).toMatchObject({
      type: 'container-restart-loop',
      container: 'app',
      name: 'web-1',
    })
    expect(of('web-1   0/1   CrashLoopBackOff   7   9m')).toMatchObject({
      type: 'container-restart-loop',
      name: 'web-1',
    })
    expect(of('System OOM encountered, victim process: node, pid: 4711')).toMatchObject({
      type: 'kubelet-system-oom',
      comm: 'node',
      pid: 4711,
    })
  })
})

describe('the kubelet about a node that runs low', () => {
  it.each([
    [
      'The node was low on resource: memory. Container a was using 9Ki.',
      { what: 'evicted', resource: 'memory', container: 'a' },
    ],
    [
      'Message: The node was low on resource: [MemoryPressure].',
      { what: 'evicted', resource: 'memory', container: null },
    ],
    [
      '  Warning  Evicted  3m  kubelet  The node was low on resource: inodes. ',
      { what: 'evicted', resource: 'inodes' },
    ],
    [
      '"Eviction manager: must evict pod(s) to reclaim" resourceName="memory"',
      { what: 'threshold', resource: 'memory' },
    ],
    [
      '2m  Warning  EvictionThresholdMet  node/n1  Attempting to reclaim memory',
      { what: 'threshold', resource: 'memory' },
    ],
  ])('%s', (text, expected) =>
    expect(recognize(kubeletEvictionRecognizer, [text])).toMatchObject([{ type: 'container-evicted', ...expected }]),
  )

  it('hears nothing in a sentence about it', () =>
    expect(recognize(kubeletEvictionRecognizer, ['it says that the node was low on resource: memory'])).toEqual([]))
})

describe('supervisors', () => {
  it.each([
    ['[2026-01-01 00:00:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:4711)', { supervisor: 'gunicorn', pid: 4711 }],
    ['*** HARAKIRI ON WORKER 1 (pid: 88, try: 1) ***', { supervisor: 'uwsgi', pid: 88 }],
    [
      `WARNING: [pool www] child 9, script '/a.php' (request: "GET /a") execution timed out (30.1 sec), terminating`,
      { supervisor: 'php-fpm', pid: 9, limit: '30.1 sec' },
    ],
    [
      `level=info msg="Container failed to exit within 10s of signal 15 - using the force" container=${ID}`,
      { supervisor: 'docker', container: ID, limit: '10s' },
    ],
    ['Container app failed liveness probe, will be restarted', { supervisor: 'kubelet', container: 'app' }],
  ])('end what takes too long: %s', (text, expected) => {
    expect(recognize(supervisorsRecognizer, [text])).toMatchObject([{ type: 'supervisor-timeout', ...expected }])
  })

  it.each([
    [
      '[ERROR] Worker (pid:4711) was sent SIGKILL! Perhaps out of memory?',
      { reporter: 'gunicorn', pid: 4711, seenAs: 'signal' },
    ],
    [
      'WARNING: [pool www] child 332 exited on signal 9 (SIGKILL) after 12.3 seconds from start',
      { reporter: 'php-fpm', pid: 332 },
    ],
    ['DAMN ! worker 1 (pid: 9) died, killed by signal 9 :( trying respawn ...', { reporter: 'uwsgi', pid: 9 }],
    ['PM2 log: App [web:0] exited with code [0] via signal [SIGKILL]', { reporter: 'pm2', pid: null }],
    ['server process (PID 812) was terminated by signal 9: Killed', { reporter: 'postgres', pid: 812 }],
    ['worker-1 exited with code 137', { reporter: 'docker', seenAs: 'status' }],
    ['run.sh: line 3:  4242 Killed                  ./hog --big', { reporter: 'shell', pid: 4242, seenAs: 'signal' }],
    ['ERROR: Job failed: exit code 137', { seenAs: 'status' }],
    ['      Exit Code:    137', { seenAs: 'status' }],
    ["The command '/bin/sh -c npm ci' returned a non-zero code: 137", { seenAs: 'status' }],
  ])('see a SIGKILL: %s', (text, expected) => {
    expect(recognize(supervisorsRecognizer, [text])).toMatchObject([{ type: 'process-killed', ...expected }])
  })

  it.each([
    'PM2 log: App [web:0] exited with code [0] via signal [SIGINT]',
    'worker-1 exited with code 1',
    'Job 137 exited',
    'exit code 1370',
    'GET /items/137 200',
    "WARNING: [pool www] child 331, script '/a.php' executing too slow (6.4 sec), logging",
  ])('say nothing of it: %s', (text) => expect(recognize(supervisorsRecognizer, [text])).toEqual([]))
})

describe('people who send SIGKILL', () => {
  it.each([
    ['    dora : PWD=/home/dora ; USER=root ; COMMAND=/usr/bin/kill -9 345', { by: 'dora', pids: [345], names: [] }],
    ['dora : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/kill -KILL 7 8', { pids: [7, 8] }],
    ['dora : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/pkill -9 -f node', { pids: [], names: ['node'] }],
  ])('%s', (text, expected) => {
    expect(recognize(killSendersRecognizer, [text], { source: 'sudo' })).toMatchObject([
      { type: 'kill-command', ...expected },
    ])
  })

  it('are found in the audit log by the target record of the same call', () => {
    expect(
      recognize(killSendersRecognizer, [
        'type=SYSCALL msg=audit(1763905960.513:88): arch=c000003e syscall=62 success=yes exit=0 a0=159 a1=9 auid=1001 comm="bash" exe="/usr/bin/bash"',
        'type=OBJ_PID msg=audit(1763905960.513:88): opid=345 oauid=-1 ouid=33 oses=-1 ocomm="node"',
      ]),
    ).toMatchObject([
      { type: 'kill-command', by: '1001', pids: [345], names: ['node'], cited: [{ line: 1 }, { line: 2 }] },
    ])
  })

  it.each([
    'dora : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/kill -TERM 345',
    'dora : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/kill -l',
    'dora : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/grep kill -9 log',
  ])('do not: %s', (text) => expect(recognize(killSendersRecognizer, [text], { source: 'sudo' })).toEqual([]))
})
