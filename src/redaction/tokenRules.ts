import type { RedactionRule } from './rule.ts'

/** A token that its own form gives away; the whole match is masked. */
const token = (id: string, hint: RegExp, pattern: RegExp): RedactionRule => ({
  id,
  hint,
  apply: (line, mask) => line.replaceAll(pattern, (match) => mask(match)),
})

/** Forms published by the services that issue them. */
export const TOKEN_RULES: readonly RedactionRule[] = [
  token('aws-key-id', /A(?:KI|SI|GP|ID|RO)A/, /\bA(?:KI|SI|GP|ID|RO)A[A-Z0-9]{12,128}\b/g),
  token('github', /gh[pousr]_|github_pat_/, /\b(?:gh[pousr]_|github_pat_)\w{16,255}/g),
  token('gitlab', /gl(?:pat|dt|rt|cbt|ptt|soat|ft|agent)-/, /\bgl(?:pat|dt|rt|cbt|ptt|soat|ft|agent)-[\w-]{16,255}/g),
  token('npm', /npm_/, /\bnpm_[A-Za-z0-9]{30,64}/g),
  token('pypi', /pypi-/, /\bpypi-[\w-]{16,255}/g),
  token('docker', /dckr_/, /\bdckr_(?:pat|oat)_[\w-]{16,128}/g),
  token('stripe', /_(?:live|test)_|whsec_/, /\b(?:[srp]k_(?:live|test)_|whsec_)\w{8,255}/g),
  token('sendgrid', /SG\./, /\bSG\.[\w-]{8,64}\.[\w-]{8,128}/g),
  token('google', /AIza|ya29\.|GOCSPX-/, /\b(?:AIza[\w-]{30,64}|ya29\.[\w.-]{16,2048}|GOCSPX-[\w-]{16,64})/g),
  token('digitalocean', /do[opr]_v1_/, /\bdo[opr]_v1_[a-f0-9]{32,128}/g),
  token('vault', /hv[sbr]\./, /\bhv[sbr]\.[\w-]{16,255}/g),
  token('age', /AGE-SECRET-KEY-/i, /AGE-SECRET-KEY-1[A-Z0-9]{16,128}/gi),
  token('slack', /xox|xapp-/, /\b(?:xox[a-z](?:\.xox[a-z])?-|xapp-)[\w.-]{8,255}/g),
  token('slack-webhook', /hooks\.slack/, /hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/[\w/-]{8,255}/g),
  token(
    'discord-webhook',
    /discord(?:app)?\.com\/api\/webhooks/,
    /discord(?:app)?\.com\/api\/webhooks\/\d{8,32}\/[\w-]{16,128}/g,
  ),
  token('telegram', /\d:AA/, /\b\d{8,12}:AA[\w-]{30,40}/g),
  token('openai', /\bsk-/, /\bsk-[\w-]{20,255}/g),
  token('grafana', /gl(?:sa|c)_/, /\bgl(?:sa|c)_[\w+/=]{16,255}/g),
  token('jwt', /eyJ/, /\beyJ[\w-]{8,4096}\.[\w-]{4,8192}(?:\.[\w-]{0,8192})?/g),
]
