import { readFileSync } from 'node:fs'

/** The version of package.json. */
export const medicVersion = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  return version
}
