import type { Remedy } from '../domain/remedy.ts'
import type { ReportPage } from './reportPage.ts'

const INDENT = 4

/** One remedy: what, why, the exact bytes, every number's source, every check. */
export const remedyLines = (page: ReportPage, remedy: Remedy): void => {
  page.text(`${remedy.title}${remedy.apply.length > 0 ? ` (confidence: ${remedy.confidence})` : ''}`, page.paint.bold)
  page.field('because', remedy.because)
  for (const file of remedy.files) {
    page.field('file', file.path)
    for (const line of file.content.replace(/\n$/, '').split('\n')) page.verbatim(INDENT, `| ${line}`)
  }
  // A file says the same beside each key.
  for (const setting of remedy.files.length > 0 ? [] : remedy.settings)
    page.field('number', `${setting.key}=${setting.value}: ${setting.because}`)
  for (const check of remedy.checks) page.field(check.holds ? 'holds' : 'fails', `${check.check}: ${check.detail}`)
  for (const warning of remedy.warnings) page.field('note', warning)
  for (const argv of remedy.undo) page.field('undo', argv.join(' '))
}
