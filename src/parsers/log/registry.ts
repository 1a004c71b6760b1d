import { appMessagesRecognizer } from './appMessages.ts'
import { bareOutOfMemoryRecognizer } from './bareOutOfMemory.ts'
import { beancountersRecognizer } from './beancounters.ts'
import { containersRecognizer } from './containers.ts'
import { cppRecognizer } from './cpp.ts'
import { crashSightingsRecognizer } from './crashSightings.ts'
import { diskRecognizer } from './disk.ts'
import { earlyoomRecognizer } from './earlyoom.ts'
import { enomemRecognizer } from './enomem.ts'
import { forkErrorsRecognizer } from './forkErrors.ts'
import { golangRecognizer } from './golang.ts'
import { jvmRecognizer } from './jvm.ts'
import { killSendersRecognizer } from './killSenders.ts'
import { kubeletEvictionRecognizer } from './kubeletEviction.ts'
import { lmkdRecognizer } from './lmkd.ts'
import { nohangRecognizer } from './nohang.ts'
import { oracleRecognizer } from './oracle.ts'
import { phpRecognizer } from './php.ts'
import { phpFpmRecognizer } from './phpFpm.ts'
import { pythonRecognizer } from './python.ts'
import { rustRecognizer } from './rust.ts'
import { supervisorsRecognizer } from './supervisors.ts'
import { systemdOomdRecognizer } from './systemdOomd.ts'
import { systemdUnitRecognizer } from './systemdUnit.ts'
import { traceGcRecognizer } from './traceGc.ts'
import { unitConfigRecognizer } from './unitConfig.ts'
import { v8Recognizer } from './v8.ts'
import { kernelRecognizers } from './kernelRegistry.ts'
import type { Recognizer } from './recognizer.ts'

/** Every recognizer a log is shown to, in order of id. One line each. */
export const recognizers: readonly Recognizer[] = [
  ...kernelRecognizers,
  appMessagesRecognizer,
  bareOutOfMemoryRecognizer,
  beancountersRecognizer,
  containersRecognizer,
  cppRecognizer,
  crashSightingsRecognizer,
  diskRecognizer,
  earlyoomRecognizer,
  enomemRecognizer,
  forkErrorsRecognizer,
  golangRecognizer,
  jvmRecognizer,
  killSendersRecognizer,
  kubeletEvictionRecognizer,
  lmkdRecognizer,
  nohangRecognizer,
  oracleRecognizer,
  phpFpmRecognizer,
  phpRecognizer,
  pythonRecognizer,
  rustRecognizer,
  supervisorsRecognizer,
  systemdOomdRecognizer,
  systemdUnitRecognizer,
  traceGcRecognizer,
  unitConfigRecognizer,
  v8Recognizer,
]
