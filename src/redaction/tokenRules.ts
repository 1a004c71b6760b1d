import type { RedactionRule } from './rule.ts'

/** A token that its own form gives away; the whole match is masked. */
const token = (id: string, hint: RegExp, pattern: RegExp): RedactionRule => ({
  id,
  hint,
  apply: (line, mask) => line.replaceAll(pattern, (match) => mask(match)),
})

/** Forms published by the services that issue them. */
export const TOKEN_RULES: readonly RedactionRule[] = [
  {
    // Both halves are often printed together, the second without a name.
    id: 'aws-secret-key',
    hint: /A(?:KI|SI)A[A-Z0-9]{12}/,
    apply: (line, mask) =>
      line.replaceAll(
        /(?<![A-Za-z0-9/+])(?=\S{0,39}[A-Z])(?=\S{0,39}[a-z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
        (match) => mask(match),
      ),
  },
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
  {
    id: 'slack-webhook',
    hint: /hooks\.slack/,
    apply: (line, mask) =>
      line.replaceAll(
        /(hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/)([\w/-]{8,255})/g,
        (_match, before: string, value: string) => before + mask(value),
      ),
  },
  token(
    'discord-webhook',
    /discord(?:app)?\.com\/api\/webhooks/,
    /discord(?:app)?\.com\/api\/webhooks\/\d{8,32}\/[\w-]{16,128}/g,
  ),
  token('telegram', /\d:AA/, /\b\d{8,12}:AA[\w-]{30,40}/g),
  token('openai', /\bsk-/, /\bsk-[\w-]{20,255}/g),
  token('grafana', /gl(?:sa|c)_/, /\bgl(?:sa|c)_[\w+/=]{16,255}/g),
  token(
    'aws-token',
    /FwoGZXIvYXdz|FQoGZXIvYXdz|IQoJb3JpZ2lu/,
    /(?:FwoGZXIvYXdz|FQoGZXIvYXdz|IQoJb3JpZ2lu)[\w+/=%-]{20,8192}/g,
  ),
  token('gitlab', /GR1348941/, /GR1348941[\w-]{16,255}/g),
  token('vault', /\bs\./, /(?<![\w.])s\.(?=[A-Za-z]{0,23}\d)[A-Za-z0-9]{24}(?![\w.])/g),
  token(
    'password-hash',
    /\$(?:1|2[abxy]?|5|6|y|gy|7|apr1|argon2\w{1,2})\$/,
    /\$(?:1|2[abxy]?|5|6|y|gy|7|apr1|argon2\w{1,2})\$[./A-Za-z0-9$=,+-]{12,512}/g,
  ),
  token(
    'token',
    /shp(?:at|ca|pa|ss)_|dapi|NRAK-|PMAK-|hf_|sntrys_|AT[AC]TT3|ATBB|tskey-|lin_api_|rubygems_|pscale_|dp\.[ps]t\.|dt0c01\.|sbp_|xkeysib-|key-/,
    /(?<![A-Za-z0-9])(?:shp(?:at|ca|pa|ss)_[a-f0-9]{32}|dapi[a-f0-9]{32}|NRAK-[A-Z0-9]{20,40}|PMAK-[a-f0-9-]{40,80}|hf_[A-Za-z0-9]{30,40}|sntrys_[\w+/=-]{20,512}|AT[AC]TT3[\w=-]{20,255}|ATBB[A-Za-z0-9]{20,64}|tskey-[\w-]{16,128}|lin_api_[A-Za-z0-9]{30,64}|rubygems_[a-f0-9]{40,64}|pscale_\w{2,8}_[\w-]{20,64}|dp\.[ps]t\.[\w.-]{30,80}|dt0c01\.[A-Z0-9]{20,32}\.[A-Z0-9]{40,80}|sbp_[a-f0-9]{40}|xkeysib-[a-f0-9-]{40,90}|key-[a-f0-9]{32})/g,
  ),
  token('jwt', /eyJ/, /\beyJ[\w-]{8,4096}\.[\w-]{4,8192}(?:\.[\w-]{0,8192})?/g),
]
