import type { OwnMessage } from './platformMessages.ts'

/** Routers and switches about their own memory. */
export const DEVICE_MESSAGES: readonly OwnMessage[] = [
  [
    'out of memory condition',
    'routeros',
    'self-check',
    /\bsystem,error,critical out of memory condition was detected\b/,
  ],
  [
    'Memory Status Alert',
    'nx-os',
    'self-check',
    /(?:^|: )Memory Status Alert ?: (?:CRITICAL|SEVERE|MINOR)\b.{0,20}\bUsage \d{1,3}%/,
  ],
  [
    'Used Memory value ',
    'ios xe',
    'self-check',
    /%PLATFORM-\d-ELEMENT_(?:WARNING|CRITICAL): .{0,120}\bUsed Memory value \d{1,3}% exceeds (?:warning|critical) level\b/,
  ],
  [
    '-MEMORY_ALARM',
    'ios xr',
    'self-check',
    /%HA-HA_WD-\d-MEMORY_ALARM ?: Memory threshold crossed: (?:Minor|Severe|Critical)\b/,
  ],
]

/** The kernel's lines that are a driver's own word about the memory of a card, or a router's about a program. */
export const KERNEL_MESSAGES: readonly OwnMessage[] = [
  ['command submission!', 'amdgpu', 'gpu', /\*ERROR\* Not enough memory for command submission!/],
  [
    'of RLIMIT_DATA',
    'junos',
    'own-limit',
    /\bProcess \(\d{1,10},[\w.-]{1,40}\) has exceeded \d{1,3}% of RLIMIT_DATA: used \d/,
  ],
]
