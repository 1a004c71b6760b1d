import { defineConfig } from 'vitest/config'
import { closingLine } from './test/support/closingLine.ts'
import { skippedFiles } from './test/support/needs.ts'

const skipped = skippedFiles(import.meta.dirname)

/**
 * Three projects, so that the inner loop stays fast: `unit` touches nothing outside the process, `host` talks to a real
 * sshd, shell or file system, `lab` boots the virtual machine.
 */
export default defineConfig({
  test: {
    reporters: [process.env['CI'] === 'true' ? 'default' : 'dot', closingLine(skipped)],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.host.test.ts', 'test/lab/**', '**/node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'host',
          include: ['test/**/*.host.test.ts'],
          exclude: ['test/lab/**', '**/node_modules/**', ...skipped.map(({ file }) => file)],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
