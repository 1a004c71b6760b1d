'use strict'
setInterval(() => console.log('web: at work'), 5000)
