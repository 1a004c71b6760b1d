import type { OwnMessage } from './platformMessages.ts'

/** Application servers, models on a GPU, routers and switches about memory that they measure themselves. */
export const DEVICE_MESSAGES: readonly OwnMessage[] = [
  // Servers that recycle a worker of theirs.
  [
    'memory limit (',
    'odoo',
    'restart-limit',
    /\b(?:Worker \(\d{1,10}\) virtual|Server) memory limit \(\d{1,20}\) reached\b/,
  ],
  [
    'requested a recycle because',
    'iis',
    'restart-limit',
    /\brequested a recycle because it reached its (?:private bytes|virtual) memory limit\b/,
  ],
  ['BEA-310003', 'weblogic', 'self-check', /<BEA-310003> <Free memory in the server is [\d,]{1,20} bytes\./],
  ['buffer failed while allocating', 'ssis', 'self-check', /\bA buffer failed while allocating \d{1,20} bytes\b/],
  [
    'low on virtual memory',
    'ssis',
    'self-check',
    /\bThe buffer manager detected that the system was low on virtual memory\b/,
  ],
  [
    "wasn't enough memory to finish",
    'analysis services',
    'own-limit',
    /\boperation was cancell?ed because there wasn't enough memory to finish running it\b/,
  ],
  ['memory usage. Pausing worker', 'dask', 'own-limit', /\bWorker is at \d{1,3}% memory usage\. Pausing worker\b/],
  ['gone over its resource limits', 'streamlit', 'own-limit', /\bThis app has gone over its resource limits\b/],
  // Models: what does not fit a GPU, or the budget that was set for it.
  ['prefill tokens', null, 'gpu', /\bNot enough memory to handle \d{1,9} prefill tokens\b/],
  ['buffer of size', null, 'gpu', /\bfailed to allocate (?:CUDA|ROCm|Vulkan|Metal|SYCL|CANN)\d{0,3} buffer of size \d/],
  [
    'unable to allocate',
    null,
    'gpu',
    /: unable to allocate (?:CUDA|ROCm|Vulkan|Metal|SYCL|CANN)\d{0,3} buffer\s{0,4}$/,
  ],
  [
    'memory for requested buffer',
    'onnxruntime',
    'self-check',
    /\bFailed to allocate memory for requested buffer of size \d/,
  ],
  [
    'smaller than requested bytes',
    'onnxruntime',
    'gpu',
    /\bAvailable memory of \d{1,20} is smaller than requested bytes of \d/,
  ],
  [
    'Resource exhausted: ',
    null,
    'self-check',
    /\bResource exhausted: (?:Out of memory|Failed to allocate request for [\d.]{1,12}[KMGT]i?B)\b/,
  ],
  ['OUT_OF_DEVICE_MEMORY', null, 'gpu', /\bUR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY\b/],
  ['in memory space hbm', null, 'gpu', /\bRan out of memory in memory space hbm\. Used \d/],
  ['Cuda Runtime (out', null, 'gpu', /\bCuda Runtime \(out of memory\)/],
  [': out of memory', null, 'gpu', /\bCUDA [Ee]rror(?: 2)?: out of memory\b/],
  ['System is out of GPU', null, 'gpu', /\bSystem is out of GPU (?:and shared host )?memory\b/],
  ['GPU video memory', null, 'gpu', /\bThere is not enough GPU video memory available!/],
  // Routers and switches.
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
