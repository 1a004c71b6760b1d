'use strict'
const { leakBuffers } = require('./leak.js')

leakBuffers(Number(process.env.LEAK_MB_PER_SECOND ?? '10'))
