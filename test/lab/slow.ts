import { it } from 'vitest'

/** Minutes each in an emulated machine: these run when all of the lab is asked for (`MEDIC_LAB=all`), not with every change. */
export const slowIt = it.skipIf(process.env['MEDIC_LAB'] !== 'all')
