import { execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface GitHttp extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/NAME.git` */
  url(name: string): string
  /** Every `Authorization` header that arrived. */
  readonly authorizations: readonly string[]
  /** Tears connections: before a push arrives, or after it arrived and before its answer. */
  tear: 'never' | 'push' | 'answer'
}

/** A real `git http-backend` behind basic auth: the repositories of a folder, as a forge serves them. */
export const startGitHttp = async (root: string, login: { user: string; password: string }): Promise<GitHttp> => {
  const wanted = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`
  const authorizations: string[] = []
  const sockets = new Set<Socket>()
  const state: { tear: GitHttp['tear'] } = { tear: 'never' }
  const server = createServer((request, response) => {
    const given = request.headers.authorization
    if (given !== undefined) authorizations.push(given)
    if (given !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="wiki"' }).end('who are you?')
      return
    }
    const isPush = request.method === 'POST' && request.url?.endsWith('/git-receive-pack') === true
    if (isPush && state.tear === 'push') {
      request.once('data', () => request.socket.destroy())
      return
    }
    runBackend(root, request, response, { user: login.user, isMute: isPush && state.tear === 'answer' })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: (name) => `http://127.0.0.1:${port}/${name}`,
    authorizations,
    get tear() {
      return state.tear
    },
    set tear(value) {
      state.tear = value
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The CGI protocol, as small as it gets. */
const runBackend = (
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  how: { readonly user: string; readonly isMute: boolean },
): void => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: how.user,
      REMOTE_ADDR: '127.0.0.1',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  })
  request.pipe(child.stdin)
  child.stdin.on('error', () => {})
  let head = Buffer.alloc(0)
  let isHeadDone = false
  child.stdout.on('data', (chunk: Buffer) => {
    if (how.isMute) return
    if (isHeadDone) {
      response.write(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) return
    isHeadDone = true
    const lines = head.subarray(0, end).toString().split('\r\n')
    const status = lines.find((line) => line.startsWith('Status: '))
    response.statusCode = status === undefined ? 200 : Number(status.slice(8, 11))
    for (const line of lines) {
      const colon = line.indexOf(': ')
      if (!line.startsWith('Status: ')) response.setHeader(line.slice(0, colon), line.slice(colon + 2))
    }
    response.write(head.subarray(end + 4))
  })
  child.on('close', () => (how.isMute ? request.socket.destroy() : response.end()))
}

/** A bare repository, empty, that takes pushes over every way in. */
export const makeBare = (path: string, branch = 'master'): void => {
  execFileSync('git', ['init', '--quiet', '--bare', `--initial-branch=${branch}`, path])
  execFileSync('git', ['-C', path, 'config', 'http.receivepack', 'true'])
}
