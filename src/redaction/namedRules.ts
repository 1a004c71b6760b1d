import type { RedactionRule } from './rule.ts'

/** Word parts that make a name a secret's. `key` only as a word of its own: a monkey is no key. */
const SECRET_WORD =
  '(?:(?<!by|By|om|ur|res)[Pp]ass(?!ed\\b|es\\b|ing\\b|ive|enger)|PASS(?!ED\\b)|[Pp]wd|(?<=\\w)PWD|[Ss]ecret|SECRET|[Tt]oken|TOKEN|[Cc]redential|CREDENTIAL|(?<![A-Za-z0-9])[Kk]ey(?!ring|board)|(?<=[a-z0-9])Key(?!ring|board)|(?<![A-Za-z0-9])KEY|(?<=_)KEY|[Aa]pikey|APIKEY)'

/** A value: quoted (also with escaped quotes, as JSON inside a string), or up to the next separator. */
const NAMED = new RegExp(
  `(${SECRET_WORD}[\\w.-]{0,48})(\\\\{0,4}["']?\\s{0,8}(?:=>|:=|[=:])\\s{0,8})(?:(\\\\{0,4}")((?:[^"\\\\\\n]|\\\\[^"\\n]){1,4096})|(')([^'\\n]{1,4096})|([^\\s"',;&(){}\\[\\]<>][^\\s"',;&)}\\]<>]*))`,
  'g',
)

/** Names of units and files that happen to hold such a word: `token-refresh.service: Main process exited`. */
const NOT_A_NAME = /\.(?:service|scope|slice|socket|timer|mount|target|path|conf|log|js|ts|py|php|go|rb)$/
/** Settings whose values are wanted, and words that are no secrets. */
const HARMLESS_VALUE = /^(?:null|none|undefined|true|false|yes|no|\*{3,}|\d{1,2})$/i

const named: RedactionRule = {
  id: 'named',
  hint: /pass|pwd|secret|token|key|credential/i,
  apply: (line, mask) =>
    line.replaceAll(
      NAMED,
      (match, name: string, between: string, dq?: string, inDq?: string, sq?: string, inSq?: string, bare?: string) => {
        const value = inDq ?? inSq ?? bare ?? ''
        if (HARMLESS_VALUE.test(value)) return match
        if (between.trimEnd().endsWith(':') && NOT_A_NAME.test(name)) return match
        return `${name}${between}${dq ?? sq ?? ''}${mask(value)}`
      },
    ),
}

const FLAG =
  /((?:^|\s)--?[\w.-]{0,40}?(?:pass(?:word|wd|phrase)?|secret|token|api-?key|credentials?)[\w-]{0,20})(\s{1,4})(?!-)("[^"]{1,1024}"|'[^']{1,1024}'|\S+)/gi

const flag: RedactionRule = {
  id: 'flag',
  hint: /-.{0,60}(?:pass|secret|token|key|credential)/i,
  apply: (line, mask) =>
    line.replaceAll(FLAG, (_match, name: string, gap: string, value: string) => `${name}${gap}${mask(value)}`),
}

/** Programs whose short flags carry a password. */
const SHORT_FLAGS: readonly RegExp[] = [
  /\b((?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^\n]{0,400}?\s-p)(\S+)/g,
  /\b((?:sshpass)\s+-p\s{0,4})(\S+)/g,
  /\b(redis-cli\b[^\n]{0,400}?\s-a\s{0,4})(\S+)/g,
  /\b(docker\s+login\b[^\n]{0,400}?\s-p\s{0,4})(\S+)/g,
  /\b(curl\b[^\n]{0,400}?\s(?:-u|--user|--proxy-user)[\s=]{0,4})(\S+)/g,
  /\b(wget\b[^\n]{0,400}?\s--(?:http-)?user=)(\S+)/g,
  /\b(ldap(?:search|modify|add|delete|passwd)\b[^\n]{0,400}?\s-w\s{0,4})(\S+)/g,
  /(\s-pass(?:in|out)?\s{1,4}(?:pass|env|file):)(\S+)/g,
]

const shortFlag: RedactionRule = {
  id: 'flag',
  hint: /mysql|mariadb|sshpass|redis-cli|docker|curl|wget|ldap|-pass/,
  apply: (line, mask) =>
    SHORT_FLAGS.reduce(
      (text, pattern) => text.replaceAll(pattern, (_match, before: string, value: string) => before + mask(value)),
      line,
    ),
}

const url: RedactionRule = {
  id: 'url',
  hint: /:\/\//,
  // Greedy to the last @ before the path, since passwords hold @ as well.
  apply: (line, mask) =>
    line.replaceAll(
      /(\b[A-Za-z][A-Za-z0-9+.-]{1,24}:\/\/[^\s/:@"'<>]{0,256}:)([^\s/"'<>]{1,512})@/g,
      (_match, before: string, secret: string) => `${before}${mask(secret)}@`,
    ),
}

const header: RedactionRule = {
  id: 'header',
  hint: /authorization|cookie|x-[a-z0-9-]{0,40}(?:key|token|secret|auth|signature)/i,
  apply: (line, mask) =>
    line.replaceAll(
      /\b((?:proxy-)?authorization|(?:set-)?cookie2?|x-[a-z0-9-]{0,40}(?:key|token|secret|auth|signature)[a-z0-9-]{0,24})(\\{0,4}["']?\s{0,4}(?:[:=]|=>)\s{0,4})(\\{0,4}["'])?([^"'\n]{1,4096})/gi,
      (_match, name: string, between: string, quote: string | undefined, value: string) =>
        `${name}${between}${quote ?? ''}${mask(value)}`,
    ),
}

const bearer: RedactionRule = {
  id: 'bearer',
  hint: /bearer|basic/i,
  apply: (line, mask) =>
    line.replaceAll(
      /\b(bearer\s{1,4}|basic\s{1,4}(?=[A-Za-z0-9+/]{0,512}[A-Z0-9=]))([A-Za-z0-9._~+/-]{8,4096}={0,2})/gi,
      (_match, word: string, value: string) => word + mask(value),
    ),
}

const query: RedactionRule = {
  id: 'query',
  hint: /[?&]/,
  apply: (line, mask) =>
    line.replaceAll(
      /([?&](?:sig|signature|x-amz-(?:signature|security-token|credential)|x-goog-(?:signature|credential)|auth|access_token|session|sid)=)([^&\s"'<>]{1,4096})/gi,
      (_match, name: string, value: string) => name + mask(value),
    ),
}

const xml: RedactionRule = {
  id: 'xml',
  hint: /<[A-Za-z]/,
  apply: (line, mask) =>
    line.replaceAll(
      /(<[\w:.-]{0,40}(?:pass(?:word|wd)?|secret|token|apikey|credential)[\w:.-]{0,24}>)([^<\n]{1,1024})(?=<)/gi,
      (_match, tag: string, value: string) => tag + mask(value),
    ),
}

const passwordFiles: RedactionRule = {
  id: 'password-file',
  hint: /:|\bmachine\b|\blogin\b/,
  apply: (line, mask) =>
    line
      .replace(
        /^([A-Za-z0-9.*_-]{1,255}:(?:\d{2,5}|\*):[^:\s]{1,64}:[^:\s]{1,64}:)(\S{1,512})$/,
        (_match, before: string, value: string) => before + mask(value),
      )
      .replaceAll(
        /(\b(?:machine|login)\s{1,4}\S{1,255}\s[^\n]{0,255}?\bpassword\s{1,4})(\S{1,512})/g,
        (_match, before: string, value: string) => before + mask(value),
      ),
}

/** Order matters where forms nest: the narrow ones first. */
export const NAMED_RULES: readonly RedactionRule[] = [
  header,
  bearer,
  url,
  query,
  xml,
  flag,
  shortFlag,
  named,
  passwordFiles,
]
