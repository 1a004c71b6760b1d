import { openSqliteStore } from '../../src/store/sqlite.ts'
import { aRun, someEvidence } from '../contracts/store.ts'

// Writes evidence and says so, line by line, until somebody kills it.
const [folder = '', run = 'run-1', count = '100000'] = process.argv.slice(2)
const store = await openSqliteStore(folder)
await store.createRun(aRun({ id: run }))
for (let number = 1; number <= Number(count); number += 1) {
  await store.recordEvidence(run, someEvidence(number))
  process.stdout.write(`E${number}\n`)
}
await store[Symbol.asyncDispose]()
