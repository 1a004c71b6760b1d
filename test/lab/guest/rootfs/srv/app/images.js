'use strict'
// Calls a converter for an upload, as image and PDF services do; this file is too big for it.
const { spawn } = require('node:child_process')

console.log('images: at work')
setTimeout(() => {
  const converter = spawn('/usr/local/bin/convert-upload')
  console.log('images: converter', converter.pid, 'started')
  converter.on('exit', (code, signal) => console.log('images: converter ended', code, signal))
}, 1000)
setInterval(() => {}, 1000)
