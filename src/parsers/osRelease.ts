import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// /etc/os-release
//
// PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
// VERSION_ID="12"
// ID=debian

export interface OsReleaseFacts {
  readonly name: string | null
  /** `debian`, `ubuntu`, `rhel` … */
  readonly id: string | null
  /** What it derives from, nearest first: `rhel centos fedora`. */
  readonly likeIds: readonly string[]
  readonly versionId: string | null
}

export const osReleaseParser: Parser<OsReleaseFacts> = {
  id: 'os-release',
  parse: (output) => {
    const fields = new Map<string, string>()
    for (const line of output.split('\n')) {
      const match = /^([A-Z][A-Z0-9_]{0,40})=(?:"([^"\n]{0,500})"|'([^'\n]{0,500})'|([^\s"']{0,500}))\s{0,10}$/.exec(
        line,
      )
      if (match !== null) fields.set(match[1] ?? '', match[2] ?? match[3] ?? match[4] ?? '')
    }
    if (!fields.has('ID') && !fields.has('NAME')) throw new ParseError('os-release', 1, 'expected ID= or NAME=')
    return {
      name: fields.get('PRETTY_NAME') ?? fields.get('NAME') ?? null,
      id: fields.get('ID') ?? null,
      likeIds: (fields.get('ID_LIKE') ?? '').split(' ').filter((id) => id !== ''),
      versionId: fields.get('VERSION_ID') ?? null,
    }
  },
}
