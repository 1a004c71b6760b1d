import { isHarmless } from './names.ts'
import { headerRule, namedRule, pairRule, xmlRule } from './namedValues.ts'
import type { Mask, RedactionRule } from './rule.ts'

const FLAG =
  /((?:^|\s)--?[\w.-]{0,40}?(?:pass(?:word|wd|phrase)?|secret|token|api-?key|credentials?)[\w-]{0,20})(\s{1,4})(?!-)("[^"]{1,1024}"|'[^']{1,1024}'|\S+)/gi

const flag: RedactionRule = {
  id: 'flag',
  hint: /-.{0,60}(?:pass|secret|token|key|credential)/i,
  apply: (line, mask) =>
    line.replaceAll(FLAG, (match, name: string, gap: string, value: string) =>
      isHarmless(name, value) || name.endsWith('stdin') ? match : `${name}${gap}${mask(value)}`,
    ),
}

/** Programs whose short flags carry a password. */
const SHORT_FLAGS: readonly RegExp[] = [
  /\b((?:mysql(?!d\b)|mariadb(?!d\b))[\w-]{0,24}\b[^\n]{0,400}?\s-p)(?!\s)('[^']{1,512}'?|"[^"]{1,512}"?|\S+)/g,
  /\b((?:sshpass)\s+-p\s{0,4})('[^']{1,512}'?|"[^"]{1,512}"?|\S+)/g,
  /\b(redis-cli\b[^\n]{0,400}?\s-a\s{0,4})(\S+)/g,
  /\b((?:docker|podman|buildah|skopeo|nerdctl|helm|oc)\s[^\n]{0,40}?\blogin\b[^\n]{0,200}?\s-p\s{0,4})(\S+)/g,
  /\b(curl\b[^\n]{0,400}?\s(?:-[a-zA-Z]{0,8}u|-U|--user|--proxy-user)[\s=]{0,4})('[^']{1,512}'?|"[^"]{1,512}"?|\S+)/g,
  /\b(wget\b[^\n]{0,400}?\s--(?:http-)?user=)(\S+)/g,
  /\b(ldap(?:search|modify|add|delete|passwd|whoami|compare|modrdn)\b[^\n]{0,400}?\s-w\s{0,4})(\S+)/g,
  /\b((?:mongo|mongosh|mongodump|mongorestore|cqlsh|mosquitto_pub|mosquitto_sub|sqlcmd|ipmitool|zip|unzip)\b[^\n]{0,400}?\s-[pP]\s{1,4})(?!-)(\S+)/g,
  /\b(smbclient\b[^\n]{0,400}?(?:-U|--user)[\s=]{0,4}[^\s%]{1,64}%)(\S+)/g,
  /(\s-pass(?:in|out)?\s{1,4}(?:pass|env|file):)(\S+)/g,
  /\b((?:vault\s+login)\s+(?:token=)?)(?!-)(\S{8,})/g,
]

const shortFlag: RedactionRule = {
  id: 'flag',
  hint: /mysql|mariadb|sshpass|redis-cli|\blogin\b|curl|wget|ldap|-pass|mongo|cqlsh|mosquitto|sqlcmd|ipmitool|zip|smbclient/,
  apply: (line, mask) => maskSecond(line, SHORT_FLAGS, mask),
}

const URL_FORMS: readonly RegExp[] = [
  // Greedy to the last @ before the path, since passwords hold @ as well; then with a slash that nobody escaped.
  /(\b[A-Za-z][A-Za-z0-9+.-]{1,24}:\/\/[^\s/:@"'<>[]{0,256}:)([^\s/"'<>]{1,512})(?=@)/g,
  /(\b[A-Za-z][A-Za-z0-9+.-]{1,24}:\/\/[^\s/:@"'<>[]{0,256}:)(?!\d{1,5}(?:\/|\b(?!@)))([^\s/@"'<>]{1,256}\/[^\s"'<>@]{0,256})(?=@[\w[])/g,
  // A token in the place of the user.
  /(\b[A-Za-z][A-Za-z0-9+.-]{1,24}:\/\/)([\w.~%-]{20,512})(?=(?::[^\s/@"'<>]{0,64})?@)/g,
  // A data source name as Go's drivers take it.
  /((?<!\[)\b[\w.-]{1,64}:)([^\s@"'/:]{1,256})(?=@(?:tcp6?|unix)\()/g,
]

const url: RedactionRule = {
  id: 'url',
  hint: /:\/\/|@(?:tcp6?|unix)\(/,
  apply: (line, mask) => maskSecond(line, URL_FORMS, mask),
}

/** Each pattern's first group stays, its second is the secret. */
const maskSecond = (line: string, patterns: readonly RegExp[], mask: Mask): string =>
  patterns.reduce(
    (text, pattern) => text.replaceAll(pattern, (_match, before: string, value: string) => before + mask(value)),
    line,
  )

const STATEMENTS: readonly RegExp[] = [
  /(\bidentified\s{1,4}(?:with\s{1,4}\S{1,64}\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?["'])([^"'\n]{1,1024})/gi,
  /(\b(?:password|secret|passphrase)(?:\s{1,4}|\s{0,4}\(\s{0,4})["'])([^"'\n]{1,1024})(?=["'])/gi,
  /(^\s{0,16}(?:requirepass|masterauth|sentinel auth-pass \S{1,64})\s{1,8})(\S{1,512})/gi,
  /(\b(?:config set (?:requirepass|masterauth))\s{1,4})(\S{1,512})/gi,
  /("auth"\s{0,4}:\s{0,4}")([A-Za-z0-9+/=_-]{8,4096})/g,
]

/** Where a statement or a configuration line is itself the secret's name. */
const statement: RedactionRule = {
  id: 'statement',
  hint: /identified|password|secret|passphrase|requirepass|masterauth|auth-pass|"auth"/i,
  apply: (line, mask) => maskSecond(line, STATEMENTS, mask),
}

const bearer: RedactionRule = {
  id: 'bearer',
  hint: /bearer|basic/i,
  apply: (line, mask) =>
    line.replaceAll(
      /\b(bearer\s{1,4}(?=[\w.~+/-]{16}|[\w.~+/-]{0,15}\d)|basic\s{1,4}(?=[A-Za-z0-9+/]{0,512}[A-Z0-9=]))([A-Za-z0-9._~+/-]{8,4096}={0,2})/gi,
      (_match, word: string, value: string) => word + mask(value),
    ),
}

const query: RedactionRule = {
  id: 'query',
  hint: /[?&]|sig=/i,
  apply: (line, mask) =>
    line.replaceAll(
      /([?&](?:sig|signature|x-amz-(?:signature|security-token|credential)|x-goog-(?:signature|credential)|auth|access_token|session|sid|jwt|otp)=|(?<![\w])sig=(?!\d{1,2}(?!\S))|[?&](?:code|key|state)=(?=[^&\s]{8}))([^&\s"'<>]{1,4096})/gi,
      (_match, name: string, value: string) => name + mask(value),
    ),
}

const passwordFiles: RedactionRule = {
  id: 'password-file',
  hint: /:|\bmachine\b|\blogin\b/,
  apply: (line, mask) =>
    line
      .replace(
        /^((?:\*|[\w-]{0,255}[.g-zG-Z][\w.-]{0,255}):(?:\d{2,5}|\*):[^:\s]{1,64}:[^:\s]{1,64}:)(\S{1,512})$/,
        (_match, before: string, value: string) => before + mask(value),
      )
      .replaceAll(
        /(\b(?:machine|login)\s{1,4}\S{1,255}\s[^\n]{0,255}?\bpassword\s{1,4})(\S{1,512})/g,
        (_match, before: string, value: string) => before + mask(value),
      ),
}

/** Order matters where forms nest: the narrow ones first. */
export const NAMED_RULES: readonly RedactionRule[] = [
  headerRule,
  bearer,
  url,
  query,
  xmlRule,
  pairRule,
  statement,
  flag,
  shortFlag,
  namedRule,
  passwordFiles,
]
