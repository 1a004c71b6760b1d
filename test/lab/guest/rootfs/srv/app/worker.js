'use strict'
// A queue worker in the shape of a NestJS application. What it does wrong comes from /etc/default/queue_worker, so that
// the unit file does not give the answer away. Plain CommonJS: the guest has Node and no packages.
const { fork } = require('node:child_process')
const { createServer } = require('node:http')
const { leakBuffers } = require('./leak.js')

const setting = (name, fallback) => process.env[name] ?? fallback
const numberSetting = (name, fallback) => Number(setting(name, String(fallback)))

const timestamp = () => new Date().toLocaleString('en-US', { timeZone: 'UTC', hour12: true }).replace(/\u202f/g, ' ')

const log = (level, context, message) =>
  console.log(`[Nest] ${process.pid}  - ${timestamp()} ${level.padStart(7)} [${context}] ${message}`)

log('LOG', 'NestFactory', 'Starting Nest application...')
log('LOG', 'InstanceLoader', 'AppModule dependencies initialized')
log('LOG', 'InstanceLoader', 'BullModule dependencies initialized')

if (setting('CRASH', '') !== '') {
  setTimeout(() => {
    log('ERROR', 'QueueProcessor', `FATAL: ${process.env.CRASH}`)
    process.exit(1)
  }, 300)
}

createServer((request, response) => response.end('ok\n')).listen(3000, '127.0.0.1', () =>
  log('LOG', 'NestApplication', 'Nest application successfully started'),
)

let job = 1000
setInterval(() => {
  const started = Date.now()
  job += 1
  setImmediate(() => log('LOG', 'QueueProcessor', `Job ${job} email-attachments done in ${Date.now() - started} ms`))
}, 1000)

const leakAfterMs = numberSetting('LEAK_AFTER_SECONDS', 3) * 1000
const leakMbPerSecond = numberSetting('LEAK_MB_PER_SECOND', 10)

const leaks = {
  buffers: () => leakBuffers(leakMbPerSecond),
  heap: () => {
    const kept = []
    setInterval(() => {
      for (let count = 0; count < 16384; count += 1) kept.push({ id: count, to: `user${count}@example.com`, tags: [] })
    }, 100)
  },
  child: () => {
    const child = fork(`${__dirname}/render.js`, { env: process.env })
    log('LOG', 'RenderService', `Render child ${child.pid} started`)
    child.on('exit', (code, signal) =>
      log('ERROR', 'RenderService', `Render child ${child.pid} exited, code ${code}, signal ${signal}`),
    )
  },
}
const leak = leaks[setting('LEAK', '')]
if (leak !== undefined) setTimeout(() => leak(), leakAfterMs)

process.on('SIGTERM', () => {
  if (setting('IGNORE_SIGTERM', '') !== '') {
    log('WARN', 'NestApplication', 'SIGTERM ignored, jobs are still running')
    return
  }
  log('LOG', 'NestApplication', 'SIGTERM received, shutting down')
  process.exit(0)
})
