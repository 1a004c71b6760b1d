import { logParser } from '../parsers/log/log.ts'
import type { Rule } from './rule.ts'
import { claimOf, tellingsOf } from './tellings.ts'

/** All workers of a PHP-FPM pool are busy and requests queue. */
export const phpFpmChildrenRule: Rule = {
  id: 'php-fpm-children',
  kinds: ['php-fpm-children'],
  needs: [logParser],
  wants: [],
  explains: ['app-own-message'],
  check: (facts) =>
    tellingsOf(facts, 'php-fpm-children', { key: (event) => `${event.pool} ${event.maxChildren}` }).map((telling) =>
      claimOf('php-fpm-children', telling, {
        summary: `PHP-FPM pool ${telling.event.pool} reached pm.max_children (${telling.event.maxChildren})`,
        why: 'every worker is busy, so requests wait; a slow backend is a commoner cause than too few workers',
      }),
    ),
}
