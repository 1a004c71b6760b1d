import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { Skipped } from './needs.ts'

/**
 * Ends every run with what was skipped, by name and reason, and one plain line of counts: silence must not look like
 * health. A test that needs something says so in its title or in `context.skip('no qemu on this machine')`.
 */
export const closingLine = (files: readonly Skipped[]): Reporter => {
  const skipped = new Map(files.map(({ file, reason }) => [file, reason]))
  return {
    onTestCaseResult(test: TestCase) {
      const result = test.result()
      if (result.state === 'skipped') skipped.set(test.fullName, result.note ?? reasonOf(test))
    },
    onTestRunEnd(modules: readonly TestModule[], errors) {
      const counts = { passed: 0, failed: 0, skipped: 0 }
      for (const module of modules) {
        let tests = 0
        for (const test of module.children.allTests()) {
          tests += 1
          const { state } = test.result()
          if (state === 'pending') counts.failed += 1
          else counts[state] += 1
        }
        // A file that could not even be loaded has no tests; it must not look like a pass.
        if (tests === 0 && module.state() === 'failed') counts.failed += 1
      }
      counts.failed += errors.length
      if (skipped.size > 0) {
        console.log('\nskipped:')
        for (const [name, reason] of skipped) console.log(`  ${name}${reason === '' ? '' : `: ${reason}`}`)
      }
      console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + files.length} skipped`)
    },
  }
}

/** A skipped suite gives its reason in its title, after a colon. */
const reasonOf = (test: TestCase): string => {
  const parent = test.parent
  return parent.type === 'suite' && parent.name.includes('skipped') ? parent.name : ''
}
