import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { openHealth } from '../../src/cli/health.ts'

const ask = async (port: number, path: string, method = 'GET'): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method })
  return `${answer.status} ${(await answer.text()).trim()}`
}

it('health routes say that the process answers, and whether it can work', async () => {
  let why: string | null = null
  await using door = await openHealth({ host: '127.0.0.1', port: 0 }, () => why)
  expect(await ask(door.port, '/healthz')).toBe('200 ok')
  expect(await ask(door.port, '/readyz')).toBe('200 ready')
  why = 'no connection to Slack'
  expect(await ask(door.port, '/readyz')).toBe('503 not ready: no connection to Slack')
  expect(await ask(door.port, '/healthz')).toBe('200 ok')
  expect(await ask(door.port, '/healthz', 'POST')).toBe('405 GET only')
  expect(await ask(door.port, '/healthz', 'HEAD')).toBe('200 ')
  expect(await ask(door.port, '/etc/passwd')).toMatch(/^404 /)
})

it('a database that fails, or never answers, is not ready', async () => {
  await using failing = await openHealth({ host: '127.0.0.1', port: 0 }, () => {
    throw new Error('postgres at db:5432: nothing listens there\nmore')
  })
  expect(await ask(failing.port, '/readyz')).toBe('503 not ready: postgres at db:5432: nothing listens there')
  await using silent = await openHealth({ host: '127.0.0.1', port: 0 }, () => new Promise(() => {}))
  expect(await ask(silent.port, '/readyz')).toBe('503 not ready: no answer within 2 s')
})

it('an address that is taken is said in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  await expect(openHealth({ host: '127.0.0.1', port }, () => null)).rejects.toThrow(
    `MEDIC_HEALTH: cannot listen at 127.0.0.1:${port}: EADDRINUSE`,
  )
  await new Promise((resolve) => other.close(resolve))
})
