import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint, hostKeyAlgorithms, parseHostKey } from '../../src/transports/hostKey.ts'
import { knownHostsName, listsHost, parseKnownHosts } from '../../src/transports/knownHosts.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'

const lists = (line: string, name: string): boolean =>
  parseKnownHosts(line, 'f').some((known) => listsHost(known, name))

describe('known_hosts', () => {
  it.each([
    [`example.com ${KEY}`, 'example.com', true],
    [`Example.COM,10.0.0.1 ${KEY}`, '10.0.0.1', true],
    [`example.com ${KEY}`, '[example.com]:2222', false],
    [`[example.com]:2222 ${KEY}`, '[example.com]:2222', true],
    [`*.example.com,!db.example.com ${KEY}`, 'web.example.com', true],
    [`*.example.com,!db.example.com ${KEY}`, 'db.example.com', false],
    [`10.0.0.? ${KEY}`, '10.0.0.7', true],
    [`10.0.0.? ${KEY}`, '10.0.0.77', false],
    [`# example.com ${KEY}`, 'example.com', false],
    [`@cert-authority example.com ${KEY}`, 'example.com', false],
    [`example.com ssh-rsa ${KEY.split(' ')[1]}`, 'example.com', false],
    ['|1|bad', 'example.com', false],
    [`|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|AAAA ${KEY}`, 'example.com', false],
  ])('%s speaks of %s: %s', (line, name, expected) => {
    expect(lists(line, name)).toBe(expected)
  })

  it('keeps revoked lines apart and counts lines from one', () => {
    const [known] = parseKnownHosts(`\n@revoked * ${KEY} comment\n`, '/f')
    expect(known).toMatchObject({ revoked: true, line: 2, file: '/f', names: '*' })
  })

  it('never throws, whatever a file holds', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseKnownHosts(text, 'f').map((known) => listsHost(known, 'x'))))
  })

  it('names a port that is not 22', () => {
    expect(knownHostsName('Web', 22)).toBe('web')
    expect(knownHostsName('Web', 2222)).toBe('[web]:2222')
  })
})

describe('a host key', () => {
  it('has the fingerprint that ssh-keygen prints', () => {
    expect(fingerprint(parseHostKey(KEY)!.blob)).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU')
  })

  it('is nothing when its two words differ', () => {
    expect(parseHostKey(`ssh-rsa ${KEY.split(' ')[1]}`)).toBeNull()
    expect(parseHostKey('')).toBeNull()
  })

  it('restricts what is offered to its own type, and SHA-1 is never offered', () => {
    expect(hostKeyAlgorithms(['ssh-ed25519'])).toEqual(['ssh-ed25519'])
    expect(hostKeyAlgorithms(['ssh-rsa'])).toEqual(['rsa-sha2-512', 'rsa-sha2-256'])
    expect(hostKeyAlgorithms(null)).not.toContain('ssh-rsa')
  })
})
