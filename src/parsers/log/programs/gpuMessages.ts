import type { OwnMessage } from './platformMessages.ts'

const gpu = (needle: string, pattern: RegExp): OwnMessage => [needle, null, 'gpu', pattern]

/** A graphics card or an accelerator has no room left, in the words of its driver or of who uses it. */
export const GPU_MESSAGES: readonly OwnMessage[] = [
  // OpenCL names its errors; without the `CL_` in pyopencl.
  gpu('MEM_OBJECT_ALLOCATION_FAILURE', /\b(?:CL_)?MEM_OBJECT_ALLOCATION_FAILURE\b/),
  gpu('OUT_OF_HOST_MEMORY', /\b(?:CL|VK_ERROR)_OUT_OF_HOST_MEMORY\b/),
  // Vulkan, as C++ and Rust print its result.
  gpu('OutOfDeviceMemory', /(?:^|[:\s'"(.])(?:vk::)?(?:Error)?OutOfDeviceMemory(?:Error)?\b/),
  gpu('Device memory allocation of', /\bggml_vulkan: Device memory allocation of size \d{1,20} failed/),
  gpu('GL_OUT_OF_MEMORY', /\bGL_OUT_OF_MEMORY\b/),
  gpu('out of memory', /(?:^|[:\s'"])wgpu error: out of memory/i),
  gpu('ErrorOutOfMemory', /\bkIO(?:GPU|Accel)CommandBufferCallbackErrorOutOfMemory\b/),
  gpu('ut of video memory', /\bOut of video memory trying to allocate a (?:rendering resource|texture)\b/i),
  gpu('E_OUTOFMEMORY', /\b(?:D3D1[12]|DXGI|Direct3D|ID3D1[12]\w{1,40})\b.{0,200}\bE_OUTOFMEMORY\b/),
  gpu('OutOfMemoryError', /\btorch(?:\.cuda)?\.OutOfMemoryError(?:: |\s{0,4}$)/),
  gpu('llocation on device', /^!!! Exception during processing ?!!! Allocation on device\b/),
  gpu('compute buffers', /\bfailed to allocate compute(?: pp)? buffers\b/),
  // CUDA and who stands upon it.
  gpu('uda failure ', /\b[Cc]uda failure (?:\d{1,4} )?'out of memory'/),
  gpu('CUDNN_STATUS_ALLOC_FAILED', /\bCUDNN_STATUS_ALLOC_FAILED\b/),
  gpu(
    'cuMemAlloc',
    /\bOut of memory in cuMemAlloc\w{0,12}\(|\bcuMemAlloc\w{0,12}(?:\(\))?:? (?:failed:? )?out of memory\b/,
  ),
  gpu('udaMalloc', /\bcudaMalloc(?:\w{1,12})? (?:retry )?failed: out of memory\b/),
  gpu(': out of memory', /\bTHCudaCheck FAIL .{1,300} error=2 : out of memory\b/),
  gpu(
    'OutOfMemoryError: Out of memory allocating',
    /\bOutOfMemoryError: Out of memory allocating [\d,]{1,30} bytes \(allocated so far: /,
  ),
  gpu('out_of_memory: ', /\bstd::bad_alloc: out_of_memory: (?:CUDA|RMM)\b/),
  gpu('PU out of memory', /\b[XNMHT]PU out of memory\. Tried to allocate\b/),
  gpu('PU memory', /\b[Oo]ut of GPU memory(?: trying to allocate\b|\s{0,4}$)/),
  gpu(
    'out of memory trying to allocate',
    /\bAllocator \((?:GPU|gpu|CUDA|cuda|DML)\w{0,30}\) ran out of memory trying to allocate\b/,
  ),
  gpu('ut of memory error on GPU', /\bOut of memory error on GPU \d{1,3}\. Cannot allocate\b/),
  gpu('GPU memory (', /\bRequested amount of GPU memory \(\d{1,20} bytes\) could not be allocated\b/),
  gpu('OutOfMemory (', /\[TRT\] .{0,300}\bError Code \d{1,3}: OutOfMemory\b/),
  gpu(
    'desired GPU memory utilization',
    /\bFree memory on device .{0,80} on startup is less than desired GPU memory utilization\b/,
  ),
  gpu('allocatable device memory', /\bNot enough allocatable device memory for this attack\b/),
  gpu('ERROR_OUT_OF_DEVICE_MEMORY', /\b(?:[A-Z]{2,6}_(?:RESULT_)?)?ERROR_OUT_OF_DEVICE_MEMORY\b/),
  gpu('buffer of size', /\bfailed to allocate (?:CUDA|ROCm|HIP|Vulkan|Metal|SYCL|CANN)\w{0,12} buffer of size \d/),
  gpu('unable to allocate', /(?:^|: )unable to allocate (?!CPU)\w{1,30} buffer\b/),
  gpu('prefill tokens', /\bNot enough memory to handle \d{1,9} prefill tokens\b/),
  gpu('in memory space hbm', /\bRan out of memory in memory space hbm\. Used \d/),
  gpu('Cuda Runtime (out', /\bCuda Runtime \(out of memory\)/),
  gpu(': out of memory', /\bCUDA [Ee]rror(?: 2)?: out of memory\b/),
  gpu('System is out of GPU', /\bSystem is out of GPU (?:and shared host )?memory\b/),
  gpu('GPU video memory', /\bThere is not enough GPU video memory available!/),
  // These look after cards and the host's memory alike.
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
]
