import { logParser } from '../parsers/log/log.ts'
import type { Rule } from './rule.ts'
import { claimOf, tellingsOf } from './tellings.ts'

/** The system refused the JVM a thread: almost never memory. */
export const jvmNativeThreadRule: Rule = {
  id: 'jvm-native-thread',
  kinds: ['jvm-native-thread'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'app-own-message'],
  check: (facts) =>
    tellingsOf(facts, 'jvm-native-thread', { key: (event) => `${event.sourcePid ?? ''}` }).map((telling) =>
      claimOf('jvm-native-thread', telling, {
        summary: 'the JVM could not create a native thread',
        why: 'a limit on tasks is likelier than memory: TasksMax=, then ulimit -u, kernel.threads-max, vm.max_map_count',
      }),
    ),
}
