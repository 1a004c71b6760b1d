import { describe, expect, it } from 'vitest'
import { procCgroupParser } from '../../src/parsers/procCgroup.ts'

describe('/proc/PID/cgroup', () => {
  it.each([
    ['0::/user.slice/user-0.slice/session-1.scope\n', '/user.slice/user-0.slice/session-1.scope'],
    ['12:pids:/user.slice/user-0.slice\n8:cpu,cpuacct:/a\n1:name=systemd:/b\n0::/c\n', '/user.slice/user-0.slice'],
    ['4:cpu,pids:/x.slice\n0::/\n', '/x.slice'],
  ])('of %j is where tasks are counted', (text, cgroup) => {
    expect(procCgroupParser.parse(text)).toEqual({ pidsCgroup: cgroup })
  })

  it.each(['', 'nonsense', '0::/../../etc\n', '0::relative\n'])('refuses %j', (text) => {
    expect(() => procCgroupParser.parse(text)).toThrow('expected "0::/user.slice/…"')
  })
})
