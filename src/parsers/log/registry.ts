import { appMessagesRecognizer } from './programs/appMessages.ts'
import { bareOutOfMemoryRecognizer } from './programs/bareOutOfMemory.ts'
import { beancountersRecognizer } from './kernel/beancounters.ts'
import { containersRecognizer } from './containers/containers.ts'
import { cppRecognizer } from './programs/cpp.ts'
import { crashSightingsRecognizer } from './killers/crashSightings.ts'
import { diskRecognizer } from './programs/disk.ts'
import { earlyoomRecognizer } from './killers/earlyoom.ts'
import { enomemRecognizer } from './programs/enomem.ts'
import { forkErrorsRecognizer } from './programs/forkErrors.ts'
import { golangRecognizer } from './programs/golang.ts'
import { jvmRecognizer } from './programs/jvm.ts'
import { killSendersRecognizer } from './killers/killSenders.ts'
import { kubeletEvictionRecognizer } from './containers/kubeletEviction.ts'
import { lmkdRecognizer } from './killers/lmkd.ts'
import { nohangRecognizer } from './killers/nohang.ts'
import { oracleRecognizer } from './programs/oracle.ts'
import { phpRecognizer } from './programs/php.ts'
import { phpFpmRecognizer } from './programs/phpFpm.ts'
import { pythonRecognizer } from './programs/python.ts'
import { restartLoopsRecognizer } from './killers/restartLoops.ts'
import { rustRecognizer } from './programs/rust.ts'
import { supervisorsRecognizer } from './killers/supervisors.ts'
import { systemdOomdRecognizer } from './systemd/systemdOomd.ts'
import { systemdUnitRecognizer } from './systemd/systemdUnit.ts'
import { traceGcRecognizer } from './programs/traceGc.ts'
import { unitConfigRecognizer } from './systemd/unitConfig.ts'
import { v8Recognizer } from './programs/v8.ts'
import { kernelRecognizers } from './kernel/kernelRegistry.ts'
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
  restartLoopsRecognizer,
  rustRecognizer,
  supervisorsRecognizer,
  systemdOomdRecognizer,
  systemdUnitRecognizer,
  traceGcRecognizer,
  unitConfigRecognizer,
  v8Recognizer,
]
