import { describe, expect, it } from 'vitest'
import { lintWording } from '../../src/render/wording.ts'

const rules = (markdown: string): string[] =>
  lintWording(markdown).map((problem) => `${problem.line}: ${problem.rule.split(':')[0] ?? ''}`)

describe('the wording linter', () => {
  it.each([
    ['The team should have noticed.', '1: no hindsight'],
    ['The operator failed to restart it.', '1: no "failed to" about people or teams'],
    ['It was simply full.', '1: no "obviously", "just", "simply"'],
    ['A huge worker.', '1: no adjective of size where a number can stand'],
    ['Human error.', '1: no blame'],
    ['Ask @maria about it.', '1: roles, never names'],
    ['## Root cause', '1: no "root cause" heading'],
  ])('refuses %s', (text, expected) => {
    expect(rules(text)).toContain(expected)
  })

  it.each([
    'Adjusted and justified: 41 of 50.',
    'The unit `foo@1.service` failed; it said `failed to allocate, should have been huge`.',
    '```\nIt was simply huge and should have stopped.\n```',
    'Could have been seen earlier: nothing was kept.',
    'backup@host-2 is an address inside a word',
  ])('accepts %s', (text) => {
    expect(rules(text)).toEqual([])
  })

  it('wants a mark on each sentence of fact inside a region, and none outside', () => {
    const page = (line: string) => `<!-- auto:causes 000000000000 -->\n\n${line}\n\n<!-- /auto:causes -->\n`
    expect(rules(page('The kernel killed node.'))).toEqual(['3: a sentence of fact ends in an evidence mark'])
    expect(rules(page('The kernel killed node [E1, E4].'))).toEqual([])
    expect(rules(page('Not collected: queue depth.'))).toEqual([])
    expect(rules('The kernel killed node.')).toEqual([])
  })

  it('wants actions that can be finished', () => {
    const table = (action: string, done: string) =>
      `## Action items\n\n| # | action | type | factor | done when | owner | due | tracker |\n|---|---|---|---|---|---|---|---|\n| A1 | ${action} | prevent | F1 | ${done} | TODO | TODO | TODO |\n`
    expect(rules(table('Improve monitoring', 'it is better'))).toEqual([
      '5: an action starts with a verb and names one thing; this one cannot be finished',
    ])
    expect(rules(table('Limit the worker to 960 MiB', '(empty)'))).toEqual(['5: an action says when it is done'])
    expect(rules(table('Limit the worker to 960 MiB', 'systemd shows it'))).toEqual([])
  })
})
