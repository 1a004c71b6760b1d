import { enableCompileCache } from 'node:module'

// First thing of all: what is imported below comes out of the cache from the second start on.
enableCompileCache()

// Node would exit with 1, which means "something found" here.
process.on('uncaughtException', (error) => {
  process.stderr.write(`medic: a bug of ours, please report it: ${error.stack ?? error.message}\n`)
  process.exit(70)
})

const { runCli } = await import('./runCli.ts')
process.exitCode = await runCli(process.argv.slice(2))
