import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderKindsPage } from '../../src/render/kinds.ts'

writeFileSync(join(import.meta.dirname, '../../docs/kinds.md'), renderKindsPage())
