import { anything, assert, jsonValue, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_LIMITS, blockContentLength, characterCount } from '../../../src/slack/blockLimits.ts'
import { problemMessages, refuseMessageBlocks, validateBlocks, validateView } from './validateBlocks.ts'

const plain = (text: string): object => ({ type: 'plain_text', text })
const header = (text: string): object => ({ type: 'header', text: plain(text) })
const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text } })
const button = (more: object = {}): object => ({ type: 'button', action_id: 'a', text: plain('Go'), ...more })
const actions = (...elements: object[]): object => ({ type: 'actions', elements })
const rich = (text: string): object => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
})
const rows = (count: number, columns: number, cell = 'x'): object[][] =>
  Array.from({ length: count }, () => Array.from({ length: columns }, () => ({ type: 'raw_text', text: cell })))
const table = (cells: object[][]): object => ({ type: 'table', rows: cells })
const task = (more: object = {}): object => ({
  type: 'task_card',
  task_id: '1',
  title: 'Kernel log',
  status: 'pending',
  ...more,
})

const complaints = (...blocks: unknown[]): string[] => problemMessages(validateBlocks(blocks, 'message'))

describe('blocks that Slack takes', () => {
  it.each<[string, object]>([
    ['a header of exactly 150 characters', header('x'.repeat(150))],
    ['a header of 150 characters outside the basic plane', header('🩺'.repeat(150))],
    ['a section of exactly 3000 characters', section('x'.repeat(3000))],
    ['a button with everything', actions(button({ value: 'v', style: 'danger', url: 'https://x.example' }))],
    ['a table at its limits', table(rows(100, 20))],
    ['a plan without tasks', { type: 'plan', title: 'OOM triage', tasks: [] }],
    ['a plan with tasks', { type: 'plan', title: 'OOM triage', tasks: [task({ output: rich('3 kills') })] }],
    [
      'a rich list',
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_list',
            style: 'ordered',
            elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'a' }] }],
          },
        ],
      },
    ],
    ['an image with an address', { type: 'image', image_url: 'https://x.example/a.png', alt_text: 'a' }],
  ])('%s', (_title, block) => {
    expect(complaints(block)).toEqual([])
  })
})

describe('blocks that Slack refuses, each with its pointer', () => {
  it.each<[string, unknown[], string]>([
    [
      'a long header',
      [header('x'.repeat(151))],
      '[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['an empty text', [section('')], '[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    [
      'mrkdwn in a header',
      [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
      '[ERROR] must be a valid enum value [plain_text] [json-pointer:/blocks/0/text/type]',
    ],
    ['an unknown block', [{ type: 'hologram' }], '[ERROR] unsupported type: hologram [json-pointer:/blocks/0/type]'],
    [
      'a type from the prototype',
      [{ type: 'constructor' }],
      '[ERROR] unsupported type: constructor [json-pointer:/blocks/0/type]',
    ],
    ['a type that is no text', [{ type: 7 }], '[ERROR] unsupported type: 7 [json-pointer:/blocks/0/type]'],
    ['no object', ['header'], '[ERROR] must provide an object [json-pointer:/blocks/0]'],
    [
      'an invented field',
      [{ ...section('x'), colour: 'red' }],
      '[ERROR] invalid additional property: colour [json-pointer:/blocks/0]',
    ],
    ['a section without words', [{ type: 'section' }], '[ERROR] must provide text or fields [json-pointer:/blocks/0]'],
    [
      'eleven fields',
      [{ type: 'section', fields: Array.from({ length: 11 }, () => plain('x')) }],
      '[ERROR] no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a long button',
      [actions(button({ text: plain('x'.repeat(76)) }))],
      '[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a style that is none',
      [actions(button({ style: 'default' }))],
      '[ERROR] must be a valid enum value [primary,danger] [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'two buttons of one id',
      [actions(button(), button())],
      '[ERROR] action_id already exists: a [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      'two blocks of one id',
      [
        { ...section('x'), block_id: 'b' },
        { ...section('y'), block_id: 'b' },
      ],
      '[ERROR] block_id already exists: b [json-pointer:/blocks/1/block_id]',
    ],
    [
      'an empty cell',
      [table([[{ type: 'raw_text', text: '' }]])],
      '[ERROR] must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]',
    ],
    ['101 rows', [table(rows(101, 1))], '[ERROR] no more than 100 items allowed [json-pointer:/blocks/0/rows]'],
    [
      'uneven rows',
      [table([...rows(1, 2), ...rows(1, 3)])],
      '[ERROR] all rows must have the same number of cells [json-pointer:/blocks/0]',
    ],
    [
      'a table of too much text',
      [table(rows(100, 20, 'x'.repeat(6)))],
      '[ERROR] table cells must be less than 10001 characters together [json-pointer:/blocks]',
    ],
    [
      'a task of an unknown status',
      [{ type: 'plan', title: 'p', tasks: [task({ status: 'done' })] }],
      '[ERROR] must be a valid enum value [pending,in_progress,complete,error] [json-pointer:/blocks/0/tasks/0/status]',
    ],
    [
      'an alert in a message',
      [{ type: 'alert', text: plain('x') }],
      '[ERROR] unsupported type: alert [json-pointer:/blocks/0/type]',
    ],
    [
      'an image of two sources',
      [{ type: 'image', alt_text: 'a', image_url: 'https://x.example', slack_file: { id: 'F1' } }],
      '[ERROR] must provide exactly one of image_url or slack_file [json-pointer:/blocks/0]',
    ],
    [
      'six overflow options',
      [
        actions({
          type: 'overflow',
          action_id: 'o',
          options: Array.from({ length: 6 }, (_, index) => ({ text: plain('x'), value: String(index) })),
        }),
      ],
      '[ERROR] no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'empty rich text',
      [rich('')],
      '[ERROR] must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]',
    ],
    [
      '51 blocks',
      Array.from({ length: 51 }, () => ({ type: 'divider' })),
      '[ERROR] no more than 50 items allowed [json-pointer:/blocks]',
    ],
  ])('%s', (_title, blocks, message) => {
    expect(complaints(...blocks)).toContain(message)
  })

  it('names blocks that this workspace does not know', () => {
    const refusal = refuseMessageBlocks([{ type: 'plan', title: 'p' }], new Set(['plan']))
    expect(refusal).toEqual({
      error: 'invalid_blocks',
      messages: ['[ERROR] unsupported type: plan [json-pointer:/blocks/0/type]'],
    })
  })

  it('tells two tables and a too long whole from invalid blocks', () => {
    const one = table(rows(1, 1))
    expect(refuseMessageBlocks([one, one], new Set())?.error).toBe('invalid_attachments')
    const long = Array.from({ length: 5 }, () => section('x'.repeat(2700)))
    expect(refuseMessageBlocks(long, new Set())?.error).toBe('msg_blocks_too_long')
    expect(refuseMessageBlocks(long.slice(1), new Set())).toBeNull()
  })
})

describe('views', () => {
  const modal = (more: object): object => ({ type: 'modal', title: plain('T'), blocks: [], ...more })
  const input = { type: 'input', label: plain('L'), element: { type: 'plain_text_input', action_id: 'x' } }

  it.each<[string, unknown, string]>([
    ['a long title', modal({ title: plain('x'.repeat(25)) }), '/view/title/text'],
    ['inputs without a submit button', modal({ blocks: [input] }), '/view'],
    ['metadata over 3000', modal({ private_metadata: 'x'.repeat(3001) }), '/view/private_metadata'],
    ['a table in a modal', modal({ blocks: [table(rows(1, 1))] }), '/view/blocks/0/type'],
    ['a title on a home', { type: 'home', title: plain('T'), blocks: [] }, '/view'],
    ['101 blocks', { type: 'home', blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) }, '/view/blocks'],
    ['no view at all', null, '/view/type'],
  ])('%s is refused', (_title, view, pointer) => {
    expect(validateView(view).map((problem) => problem.pointer)).toContain(pointer)
  })

  it('takes a form and an alert in a modal', () => {
    expect(
      validateView(modal({ submit: plain('Save'), blocks: [input, { type: 'alert', text: plain('stale') }] })),
    ).toEqual([])
  })
})

describe('hostile input', () => {
  it('never throws, whatever the blocks are', () => {
    assert(
      property(anything(), (value) => {
        validateBlocks(value, 'message')
        validateBlocks([value], 'modal')
        validateView(value)
        blockContentLength(value)
      }),
    )
  })

  it('never takes nonsense for a block', () => {
    assert(property(jsonValue(), (value) => validateBlocks([value], 'message').length > 0))
  })

  it('counts code points', () => {
    expect(characterCount('a🩺é')).toBe(3)
    expect(blockContentLength([header('abc'), actions(button({ value: 'not counted' }))])).toBe(5)
    expect(BLOCK_LIMITS.message.contentBudget).toBeLessThan(BLOCK_LIMITS.message.contentLength)
  })
})
