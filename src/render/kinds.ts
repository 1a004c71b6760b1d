import { KINDS, type Kind } from '../domain/kind.ts'
import { KIND_TEXTS } from '../domain/kindTexts.ts'
import { wrap } from './wrap.ts'

/** One kind for the terminal. */
export const renderKind = (kind: Kind, columns: number): string => {
  const text = KIND_TEXTS[kind]
  const width = Math.max(40, Math.min(columns, 100))
  const lines = [
    `${kind}: ${text.title}`,
    '',
    ...wrap('', text.meaning, width),
    '',
    ...wrap('  proof:       ', text.decisive, width),
    ...wrap('  look-alikes: ', text.lookAlikes, width),
    '  next:',
    ...text.nextChecks.flatMap((check) => wrap('    - ', check, width)),
  ]
  return `${lines.join('\n')}\n`
}

/** docs/kinds.md: the same words for readers on a forge. */
export const renderKindsPage = (): string => {
  const sections = KINDS.flatMap((kind) => {
    const text = KIND_TEXTS[kind]
    return [
      `## ${kind}`,
      '',
      `**${text.title}.** ${text.meaning}`,
      '',
      `- **Proof:** ${text.decisive}`,
      `- **Look-alikes:** ${text.lookAlikes}`,
      '- **Next:**',
      ...text.nextChecks.map((check) => `  - ${check}`),
      '',
    ]
  })
  return [
    '# What Medic can find',
    '',
    'Each finding has one of these kinds. `medic explain KIND` prints the same in a terminal. This page is rendered from',
    '`src/domain/kindTexts.ts`; a test keeps both equal.',
    '',
    'A finding is *certain* when the decisive line is there, whole, and nothing contradicts it; *likely* when it is torn but',
    'clear, or when two independent facts support it; *possible* with one supporting fact. Status 137, the word "memory" or a',
    'high number alone prove no kill.',
    '',
    ...sections,
  ].join('\n')
}
