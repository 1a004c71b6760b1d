import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/domain/errors.ts'
import { compileTemplate } from '../../src/render/template.ts'

const hash = (): string => '0123456789abcdef'

const problem = (source: string, context: object = {}): string => {
  try {
    compileTemplate(source, 'mine.hbs').render(context, hash)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('was accepted')
}

describe('a template', () => {
  it.each([
    ['{{x}}', 'mine.hbs:1: bare {{x}}'],
    ['a\n\n{{a.b}}', 'mine.hbs:3: bare {{a.b}}'],
    ['{{{text x}}}', 'mine.hbs:1: triple braces'],
    ['{{&text x}}', 'mine.hbs:1: triple braces'],
    ['{{text}}', 'mine.hbs:1: {{text}} needs a value'],
    ['{{shout x}}', 'mine.hbs:1: unknown helper "shout"'],
    ['{{#shout x}}{{/shout}}', 'mine.hbs:1: unknown helper "shout"'],
    ['{{#if a}}{{x}}{{/if}}', 'mine.hbs:1: bare {{x}}'],
    ['{{#if a}}{{else}}{{x}}{{/if}}', 'mine.hbs:1: bare {{x}}'],
    ['{{#each a}}{{this}}{{/each}}', 'mine.hbs:1: bare {{this}}'],
    ['{{> other}}', 'mine.hbs:1: partials are not available'],
    ['{{#*inline "x"}}{{/inline}}', 'mine.hbs:1: decorators are not available'],
    ['{{text (cell x)}}', 'mine.hbs:1: a helper inside a helper'],
    ['{{lookup a "b"}}', 'mine.hbs:1: unknown helper "lookup"'],
    ['{{log "x"}}', 'mine.hbs:1: unknown helper "log"'],
    ['ok\n{{#if x}', 'mine.hbs:2: cannot be read as Handlebars'],
    ['{{region "x"}}', 'mine.hbs:1: "region" needs a block'],
  ])('with %j is refused with its line', (source, expected) => {
    expect(problem(source, { a: [1], x: 'x' })).toContain(expected)
  })

  it('names every problem at once', () => {
    expect(problem('{{x}}\n{{y}}\n{{{z}}}').split('\n')).toHaveLength(3)
  })

  it.each([
    ['{{text a.b}}', { a: {} }, '{{text}} was given nothing'],
    ['{{text missing}}', {}, '{{text}} was given nothing'],
    ['x\n{{#if missing}}y{{/if}}', {}, 'mine.hbs:2: {{if}} was given nothing'],
    ['{{#each n}}{{/each}}', { n: 4 }, '{{each}} was given number, expected a list'],
    ['{{ev marks}}', { marks: ['E1; rm'] }, 'expected an evidence id'],
    ['{{text o}}', { o: {} }, '{{text}} was given object'],
    ['{{key k}}', { k: 'a -->' }, 'is no identifier'],
  ])('%j with wrong data says which helper and where', (source, context, expected) => {
    expect(problem(source, context)).toContain(expected)
  })

  it('never expands braces inside a value', () => {
    expect(compileTemplate('{{text x}} {{code x}}', 'm').render({ x: '{{secret}}', secret: 'no' }, hash)).toBe(
      '{{secret}} `{{secret}}`\n',
    )
  })

  it('keeps blank lines of evidence and folds its own', () => {
    expect(compileTemplate('a\n\n\n\n{{fence x}}\n\n\n\nb', 'm').render({ x: '1\n\n\n\n2  \n' }, hash)).toBe(
      'a\n\n```text\n1\n\n\n\n2  \n```\n\nb\n',
    )
  })

  it('that ships passes the check', () => {
    const path = 'templates/postmortem.md.hbs'
    expect(() => compileTemplate(readFileSync(join(import.meta.dirname, '../..', path), 'utf8'), path)).not.toThrow()
  })
})
