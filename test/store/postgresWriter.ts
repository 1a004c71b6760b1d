import { openPostgresStore } from '../../src/store/postgres.ts'
import { aRun, someEvidence } from '../contracts/store.ts'

// Writes evidence and says so, line by line, until it is done or somebody kills it.
const [run = 'run-1', count = '100000'] = process.argv.slice(2)
const store = await openPostgresStore(process.env['TEST_DATABASE'] ?? '')
await store.createRun(aRun({ id: run }))
for (let number = 1; number <= Number(count); number += 1) {
  await store.recordEvidence(run, someEvidence(number))
  process.stdout.write(`E${number}\n`)
}
await store[Symbol.asyncDispose]()
