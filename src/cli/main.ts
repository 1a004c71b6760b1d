import { enableCompileCache } from 'node:module'

// First thing of all: what is imported below comes out of the cache from the second start on.
enableCompileCache()

const { runCli } = await import('./runCli.ts')
process.exitCode = await runCli(process.argv.slice(2))
