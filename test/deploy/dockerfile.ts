import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Instruction {
  readonly name: string
  readonly rest: string
}

/** Instructions of a Dockerfile, with continued lines joined. Enough for the form that ours has. */
export const instructionsOf = (text: string): readonly Instruction[] =>
  text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...rest] = line.split(' ')
      return { name, rest: rest.join(' ').trim() }
    })

/** Instructions of each stage, in order. */
export const stagesOf = (instructions: readonly Instruction[]): readonly (readonly Instruction[])[] => {
  const stages: Instruction[][] = []
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') stages.push([])
    stages.at(-1)?.push(instruction)
  }
  return stages
}

export interface Copy {
  readonly from: string | null
  readonly sources: readonly string[]
  readonly target: string
}

export const copiesOf = (stage: readonly Instruction[]): readonly Copy[] =>
  stage
    .filter(({ name }) => name === 'COPY')
    .map(({ rest }) => {
      const words = rest.split(/\s+/)
      const from = words[0]?.startsWith('--from=') === true ? (words.shift() ?? '').slice('--from='.length) : null
      return { from, sources: words.slice(0, -1), target: words.at(-1) ?? '' }
    })

/** The value of an instruction in the exec form. */
export const execForm = (stage: readonly Instruction[], name: string): readonly string[] => {
  const rest = stage.find((instruction) => instruction.name === name)?.rest ?? '[]'
  return JSON.parse(rest.slice(rest.indexOf('['))) as string[]
}

/** Whether `.dockerignore` lets a file into the build; the last line that fits decides, as Docker does it. */
export const isSentTo = (ignore: string, path: string): boolean => {
  let isSent = true
  for (const line of ignore.split('\n')) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const pattern = text.replace(/^!/, '')
    const folders = path.split('/').map((_, index, all) => all.slice(0, index + 1).join('/'))
    // Unlike a shell's, its `*` takes a name that begins with a dot.
    const fits = new RegExp(`^${pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`)
    if (folders.some((folder) => fits.test(folder))) isSent = text.startsWith('!')
  }
  return isSent
}

/** Every production package, as `npm ci --omit=dev --omit=optional` leaves them. */
export const productionPackages = (root: string): readonly string[] => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>
  }
  return Object.entries(lock.packages)
    .filter(([path, one]) => path !== '' && one.dev !== true && one.optional !== true && one.devOptional !== true)
    .map(([path]) => path)
}

export const filesBelow = (root: string, path: string): readonly string[] =>
  globSync([path, `${path}/**/*`], { cwd: root }).filter((found) => !found.includes('node_modules'))
